package ledger

import (
	"bytes"
	"encoding/base64"
	"mime/quotedprintable"
	"strings"
	"testing"
	"time"
)

// TestACheckpointIsFoundInItsMail: whoever kept a checkpoint as a file, as a mail's text or as the mail itself can use it, whatever program saved it.
func TestACheckpointIsFoundInItsMail(t *testing.T) {
	private, public, err := NewSigningKey("haochaping/513300")
	if err != nil {
		t.Fatal(err)
	}
	signed, err := Checkpoint{Size: 14416, At: time.Date(2026, 12, 1, 0, 34, 18, 0, time.UTC)}.Sign(private)
	if err != nil {
		t.Fatal(err)
	}
	text := "这是检查点。\n\nThis is a checkpoint.\n\n" + string(signed) + "\n\n公钥：" + public + "\n"
	var quoted bytes.Buffer
	w := quotedprintable.NewWriter(&quoted)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	mailed := func(encoding, body string) string {
		return "From: <a@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + body
	}
	windows := strings.ReplaceAll(text, "\n", "\r\n")
	for name, content := range map[string]string{"the file": string(signed), "the mail's text": text, "on Windows": windows, "by an editor of Windows": "\uFEFF" + windows, "the file by one": "\uFEFF" + string(signed), "quoted-printable": mailed("quoted-printable", quoted.String()),
		"base64": mailed("base64", base64.StdEncoding.EncodeToString([]byte(windows))), "8bit": mailed("8bit", windows)} {
		c, err := OpenCheckpoint(CheckpointIn([]byte(content)), public)
		if err != nil || c.Size != 14416 {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	for name, content := range map[string]string{"none": "no checkpoint", "another size": strings.Replace(text, "14416", "14417", 1), "a torn one": strings.Replace(text, "14416\n", "", 1), "": ""} {
		if c, err := OpenCheckpoint(CheckpointIn([]byte(content)), public); err == nil {
			t.Errorf("%s: %+v", name, c)
		}
	}
}
