package ledger

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// sign is how a signature of a note begins.
const sign = "— "

// textLines are those of a checkpoint's text: its name, size, root and instant.
const textLines = 4

// CheckpointIn finds a signed checkpoint in what somebody kept of it: the file itself, the text of the mail that it came by, or that mail
// as a mail program saves it, with the line ends of any machine. Content without one is returned as it is, for OpenCheckpoint to refuse.
func CheckpointIn(content []byte) []byte {
	content = saved(content)
	lines := strings.Split(string(saved(mailText(content))), "\n")
	for at, line := range lines {
		if !strings.HasPrefix(line, sign) || at <= textLines || lines[at-1] != "" {
			continue
		}
		end := at
		for end < len(lines) && strings.HasPrefix(lines[end], sign) {
			end++
		}
		return []byte(strings.Join(lines[at-1-textLines:end], "\n") + "\n")
	}
	return content
}

// saved is what was saved before an editor of Windows saved it: it marks the beginning of a file and ends lines its own way.
func saved(content []byte) []byte {
	return bytes.ReplaceAll(bytes.TrimPrefix(content, []byte("\uFEFF")), []byte("\r\n"), []byte("\n"))
}

// mailText is the text of a saved mail, what is no mail as it is.
func mailText(content []byte) []byte {
	m, err := mail.ReadMessage(bytes.NewReader(content))
	if err != nil || m.Header.Get("MIME-Version") == "" {
		return content
	}
	body := m.Body
	switch strings.ToLower(strings.TrimSpace(m.Header.Get("Content-Transfer-Encoding"))) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return content
	}
	return text
}
