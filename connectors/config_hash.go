package connectors

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"reflect"
	"slices"
)

// hashOf changes with everything in an entry whose Hash is empty. Secrets enter
// as their own SHA-256.
func hashOf[E ChannelConfig | SourceConfig](entry E) string {
	h := sha256.New()
	hashValue(h, reflect.ValueOf(entry))
	return hex.EncodeToString(h.Sum(nil))
}

func hashValue(h hash.Hash, v reflect.Value) {
	text := func(s string) {
		h.Write(binary.AppendUvarint(nil, uint64(len(s))))
		io.WriteString(h, s)
	}
	if !v.IsValid() {
		text("nil")
		return
	}
	if v.Type() == secretType {
		sum := sha256.Sum256([]byte(v.Interface().(Secret).Reveal()))
		h.Write(sum[:])
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			text("nil")
			return
		}
		text("set")
		hashValue(h, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				text(v.Type().Field(i).Name)
				hashValue(h, v.Field(i))
			}
		}
	case reflect.Slice:
		text(fmt.Sprint(v.Len()))
		for i := range v.Len() {
			hashValue(h, v.Index(i))
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
		text(fmt.Sprint(len(keys)))
		for _, key := range keys {
			text(key.String())
			hashValue(h, v.MapIndex(key))
		}
	default:
		text(fmt.Sprint(v.Interface()))
	}
}
