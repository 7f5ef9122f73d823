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

// uploadImage takes pictures as parts of a form. A part that is no picture
// fails alone.
func (s *Simulator) uploadImage(r *request) (any, error) {
	form, err := r.form()
	if err != nil {
		return nil, err
	}
	defer func() { _ = form.RemoveAll() }()
	files := form.File["image"]
	if len(files) < 1 || len(files) > 9 {
		return nil, badParam("image needs 1 to 9 files.")
	}
	if scene := form.Value["scene"]; len(scene) > 0 && scene[0] != "normal" && scene[0] != "desc" {
		return nil, badParam("scene is not valid.")
	}
	list := []object{}
	for i, file := range files {
		row := object{"id": i, "error": "", "message": ""}
		if kind := pictureKind(file); file.Size > 10<<20 || kind != "image/jpeg" && kind != "image/png" {
			row["error"], row["message"] = "error_image_format", "Image must be JPG, JPEG or PNG of 10 MB at most."
		} else {
			id := "vn-11134207-7ras8-" + secret(7)
			s.images[id] = true
			row["image_info"] = showImage(id)
		}
		list = append(list, row)
	}
	out := object{"image_info_list": list}
	if info, ok := list[0]["image_info"]; ok {
		out["image_info"] = info
	}
	return out, nil
}

func showImage(id string) object {
	return object{"image_id": id, "image_url_list": []object{{"image_url_region": "VN", "image_url": imageURL(id)}}}
}

func imageURL(id string) string { return "https://cf.shopee.vn/file/" + id }

func (s *Simulator) showImages(ids []string) object {
	urls := make([]string, len(ids))
	for i, id := range ids {
		urls[i] = imageURL(id)
	}
	return object{"image_id_list": append([]string{}, ids...), "image_url_list": urls, "image_ratio": "1:1"}
}
