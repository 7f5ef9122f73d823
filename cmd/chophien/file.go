package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// replaceFile writes a file whole or not at all: what stood there stays until
// the new one is on the disk, and keeps its mode. A new file gets mode.
func replaceFile(path string, mode os.FileMode, write func(*os.File) error) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".chophien-*")
	if err != nil {
		return explainWrite(path, err)
	}
	defer os.Remove(file.Name()) // a leftover of a failure
	if err := errors.Join(write(file), file.Chmod(mode), file.Sync(), file.Close()); err != nil {
		return explainWrite(path, err)
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return explainWrite(path, err)
	}
	return nil
}

// explainWrite says why a file was not written and what to do.
func explainWrite(path string, err error) error {
	advice := ""
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		advice = "the disk is full: free some space and do it again; "
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		advice = "this folder may not be written: choose another one; "
	case errors.Is(err, fs.ErrNotExist):
		advice = "there is no such folder; "
	default:
		return fmt.Errorf("write %s: %w", path, err)
	}
	return fmt.Errorf("write %s: %snothing was changed (%w)", path, advice, err)
}
