package shopeetest

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
)

// form reads a multipart body.
func (r *request) form() (*multipart.Form, error) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, badParam("Content-Type must be multipart/form-data")
	}
	form, err := multipart.NewReader(bytes.NewReader(r.body), parameters["boundary"]).ReadForm(100 << 20)
	if err != nil {
		return nil, badParam("parse data failed")
	}
	return form, nil
}

// pictureKind tells by its first bytes what a file is.
func pictureKind(file *multipart.FileHeader) string {
	data, err := file.Open()
	if err != nil {
		return ""
	}
	defer data.Close()
	head, err := io.ReadAll(io.LimitReader(data, 512))
	if err != nil {
		return ""
	}
	return http.DetectContentType(head)
}
