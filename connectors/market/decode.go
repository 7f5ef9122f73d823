package market

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"
)

// Decode returns the UTF-8 text of a page and the name of the encoding it was
// in. The order is: byte order mark; UTF-8 when the whole body is valid UTF-8,
// whatever is declared; the charset of the Content-Type header; <meta charset>
// in the first 4096 bytes; windows-1258. Text from any encoding but UTF-8 is
// composed to NFC, since windows-1258 stores tone marks apart.
func Decode(body []byte, contentType string) ([]byte, string) {
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		body = body[3:]
	case bytes.HasPrefix(body, []byte("\xff\xfe")):
		return decodeAs(body, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)), "utf-16le"
	case bytes.HasPrefix(body, []byte("\xfe\xff")):
		return decodeAs(body, unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM)), "utf-16be"
	}
	if utf8.Valid(trimPartial(body)) {
		return body, "utf-8"
	}
	for _, label := range []string{headerCharset(contentType), metaCharset(body)} {
		if label == "" {
			continue
		}
		enc, err := htmlindex.Get(label)
		if err != nil {
			continue
		}
		name, err := htmlindex.Name(enc)
		if err != nil {
			continue
		}
		if name == "utf-8" {
			// A few broken bytes in a page that says UTF-8.
			if mostlyUTF8(body) {
				return bytes.ToValidUTF8(body, []byte("�")), "utf-8"
			}
			continue
		}
		return decodeAs(body, enc), name
	}
	if mostlyUTF8(body) {
		return bytes.ToValidUTF8(body, []byte("�")), "utf-8"
	}
	return decodeAs(body, charmap.Windows1258), "windows-1258"
}

func decodeAs(body []byte, enc encoding.Encoding) []byte {
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		out = bytes.ToValidUTF8(body, []byte("�"))
	}
	return norm.NFC.Bytes(out)
}

// trimPartial drops a rune cut off at the end of a body.
func trimPartial(body []byte) []byte {
	for k := 1; k < utf8.UTFMax && k <= len(body); k++ {
		c := body[len(body)-k]
		if utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(body[len(body)-k:]) {
				return body[:len(body)-k]
			}
			break
		}
	}
	return body
}

// mostlyUTF8 tells whether multi-byte runes outnumber broken bytes by far, as
// in a UTF-8 page with a few stray bytes.
func mostlyUTF8(body []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(body); {
		if body[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && size == 1 {
			bad++
		} else {
			good++
		}
		i += size
	}
	return good >= 10*bad
}

func headerCharset(contentType string) string {
	if contentType == "" {
		return ""
	}
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return params["charset"]
}

// metaCharset finds <meta charset> or the http-equiv form near the start.
func metaCharset(body []byte) string {
	head := bytes.ToLower(body[:min(len(body), 4096)])
	for {
		i := bytes.Index(head, []byte("<meta"))
		if i < 0 {
			return ""
		}
		head = head[i+5:]
		tag := head[:tagEnd(head, 0)]
		if c := bytes.Index(tag, []byte("charset")); c >= 0 {
			v := bytes.TrimLeft(tag[c+7:], " \t\r\n")
			if len(v) > 0 && v[0] == '=' {
				v = bytes.TrimLeft(v[1:], " \t\r\n\"'")
				if end := bytes.IndexAny(v, " \t\r\n\"'/>;"); end >= 0 {
					v = v[:end]
				}
				return strings.TrimSpace(string(v))
			}
		}
	}
}
