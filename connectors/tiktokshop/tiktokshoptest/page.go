package tiktokshoptest

import (
	"encoding/base64"
	"fmt"
)

// makeToken makes an opaque token. Its three first characters are always +/8,
// so that a client that does not escape or decode it fails at once.
func makeToken(offset int, filter string) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf([]byte{0xfb, 0xff}, "%d|%s", offset, filter))
}

func readToken(token string) (offset int, filter string, ok bool) {
	data, err := base64.StdEncoding.DecodeString(token)
	if err != nil || len(data) < 2 || data[0] != 0xfb {
		return 0, "", false
	}
	n, err := fmt.Sscanf(string(data[2:]), "%d|%s", &offset, &filter)
	return offset, filter, err == nil && n == 2 && offset >= 0
}
