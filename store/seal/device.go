package seal

import (
	"crypto/hmac"
	"encoding/hex"

	"github.com/emmansun/gmsm/sm3"
)

// DeviceKeySize is 256 bits, the size of an SM3 digest.
const DeviceKeySize = sm3.Size

// NewDeviceKey draws the key with which one device signs.
func NewDeviceKey() []byte { return randomBytes(DeviceKeySize) }

// BodyDigest is SM3 of a message's body as 64 hexadecimal digits.
func BodyDigest(body []byte) string {
	sum := sm3.Sum(body)
	return hex.EncodeToString(sum[:])
}

// DeviceMAC is HMAC-SM3 of a message's canonical bytes as 64 hexadecimal digits.
func DeviceMAC(key, canonical []byte) string {
	mac := hmac.New(sm3.New, key)
	mac.Write(canonical)
	return hex.EncodeToString(mac.Sum(nil))
}

// DeviceMACMatches compares in constant time.
func DeviceMACMatches(key, canonical []byte, mac string) bool {
	return hmac.Equal([]byte(DeviceMAC(key, canonical)), []byte(mac))
}

func devicePlace(device string) Place {
	return Place{Table: "devices", ID: device, Field: "key_sealed"}
}

// SealDeviceKey encrypts a device's key for its row.
func (s *Sealer) SealDeviceKey(device string, key []byte) ([]byte, error) {
	return s.seal(purposeText, key, devicePlace(device))
}

// ResealDeviceKey seals a device's key under the current master key.
func (s *Sealer) ResealDeviceKey(device string, sealed []byte) ([]byte, error) {
	return s.renew(purposeText, sealed, devicePlace(device))
}

// OpenDeviceKey is the inverse of SealDeviceKey.
func (s *Sealer) OpenDeviceKey(device string, sealed []byte) ([]byte, error) {
	return s.open(purposeText, sealed, devicePlace(device))
}
