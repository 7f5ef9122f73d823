package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// keySealer encrypts with a key that is kept in a file.
type keySealer struct{ primitive tink.AEAD }

// Seal encrypts plain; context must be given again to open it.
func (s keySealer) Seal(plain, context []byte) ([]byte, error) {
	return s.primitive.Encrypt(plain, context)
}

// Open decrypts what Seal made.
func (s keySealer) Open(sealed, context []byte) ([]byte, error) {
	return s.primitive.Decrypt(sealed, context)
}

// openKey reads the key file, or makes one that only its owner can read. A key
// that is lost takes tokens and buyers' data with it, so it is never replaced.
func openKey(path string) (keySealer, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = makeKey(path)
	}
	if err != nil {
		return keySealer{}, fmt.Errorf("key file: %w", err)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(data)))
	if err != nil {
		return keySealer{}, fmt.Errorf("key file %s is damaged; put the saved copy back: without it, tokens and buyers' data cannot be read", path)
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return keySealer{}, fmt.Errorf("key file %s: %w", path, err)
	}
	return keySealer{primitive}, nil
}

func makeKey(path string) ([]byte, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	var buffer bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&buffer)); err != nil {
		return nil, err
	}
	// Written whole and then linked into place: two processes that start
	// together end up with one key.
	temporary, err := os.CreateTemp(filepath.Dir(path), ".key-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(temporary.Name())
	if _, err := temporary.Write(buffer.Bytes()); err != nil {
		return nil, errors.Join(err, temporary.Close())
	}
	if err := errors.Join(temporary.Sync(), temporary.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(temporary.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}
