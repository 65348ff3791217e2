package store

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Parameters of argon2id: 19 MiB, 2 passes, 1 lane, the OWASP Password Storage Cheat Sheet's
// first recommendation. They stand in each hash, so raising them here spoils no older one.
const (
	argonMemory  = 19 * 1024 // KiB
	argonPasses  = 2
	argonLanes   = 1
	argonSalt    = 16 // bytes
	argonKey     = 32 // bytes
	argonMaximum = 64 * 1024
)

// unusable is the hash of an account without a password: no password matches it.
const unusable = "$argon2id$none"

// hashing bounds how many hashes are computed at once, so that a flood of sign-ins takes no
// more than 19 MiB a processor.
var hashing = make(chan struct{}, runtime.GOMAXPROCS(0))

// derive is a variable so that a test can hold which work is done, without a clock.
var derive = argon2.IDKey

func argon(password string, salt []byte, memory, passes uint32, lanes uint8, size uint32) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return derive([]byte(password), salt, passes, memory, lanes, size)
}

// hashPassword returns the PHC string form.
func hashPassword(password string) string {
	salt := make([]byte, argonSalt)
	rand.Read(salt) // never fails
	key := argon(password, salt, argonMemory, argonPasses, argonLanes, argonKey)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonPasses, argonLanes,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

// passwordMatches takes as long for a hash that can match nothing as for one that can.
func passwordMatches(hash, password string) bool {
	memory, passes, lanes, salt, key, ok := parseHash(hash)
	if !ok {
		argon(password, make([]byte, argonSalt), argonMemory, argonPasses, argonLanes, argonKey)
		return false
	}
	return subtle.ConstantTimeCompare(argon(password, salt, memory, passes, lanes, uint32(len(key))), key) == 1
}

func parseHash(hash string) (memory, passes uint32, lanes uint8, salt, key []byte, ok bool) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return 0, 0, 0, nil, nil, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil {
		return 0, 0, 0, nil, nil, false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	ok = err == nil && err2 == nil && len(key) >= 16 && memory <= argonMaximum && passes > 0 && lanes > 0
	return memory, passes, lanes, salt, key, ok
}
