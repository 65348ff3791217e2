package regulation

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// DigestOf is the SHA-256 of something's JSON, 64 hexadecimal digits: whoever has the same comes to the same. It panics where content
// is something that JSON cannot hold, which texts, numbers and lists of them are not.
func DigestOf(content any) string {
	text, err := json.Marshal(content)
	if err != nil {
		panic("no digest: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
