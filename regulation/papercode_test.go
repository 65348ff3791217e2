package regulation

import "testing"

func TestOwnCodes(t *testing.T) {
	for code, want := range map[string]string{"": "", "407192": "", "４０ 71-92": "", "40719": "own_code_format", "40719a": "own_code_format", "4071922": "own_code_format",
		"777777": "own_code_simple", "123456": "own_code_simple", "890123": "own_code_simple", "654321": "own_code_simple"} {
		err, _ := CheckOwnCode(code).(*Error)
		got := ""
		if err != nil {
			got = err.Fields["own_code"]
		}
		if got != want {
			t.Errorf("%q: %q, want %q", code, got, want)
		}
	}
	serial := NewSerial("3301001", 42)
	for typed, want := range map[string]bool{serial + " 407192": true, serial + "-407192": true, "  " + serial + "４０７１９２": true, serial: false, serial + "40719": false, serial + "123456": false,
		NewSerial("3301001", 42)[:13] + "X407192": serial[13:] == "X", "407192": false, "": false} {
		if s, code, ok := PaperReceipt(typed); ok != want || ok && (s != serial || code != "407192") {
			t.Errorf("%q: %q, %q, %v", typed, s, code, ok)
		}
	}
}
