package api

import (
	packing "archive/zip"
	"io"
	"mime/multipart"
	"path"
	"strconv"
	"strings"

	"haochaping/regulation"
	"haochaping/store"
)

// Bounds of pictures that come in one zip: how many, and their bytes unpacked.
const (
	maxPictures     = 1000
	maxPictureBytes = 256 << 20
)

// pictures are the files of a form, those of a zip each by itself; close is called once they are read. Refusals:
// Invalid on scans: zip_damaged, zip_too_large.
func pictures(headers []*multipart.FileHeader) (all []store.PaperPicture, closeAll func(), err error) {
	var opened []io.Closer
	closeAll = func() {
		for _, content := range opened {
			content.Close()
		}
	}
	for _, header := range headers {
		if header.Size == 0 && header.Filename == "" {
			continue
		}
		if !strings.EqualFold(path.Ext(header.Filename), ".zip") {
			all = append(all, store.PaperPicture{Name: header.Filename, Open: func() (io.ReadCloser, error) { return header.Open() }})
			continue
		}
		content, err := header.Open()
		if err != nil {
			return nil, closeAll, err
		}
		opened = append(opened, content)
		packed, err := unzipped(content, header.Size)
		if err != nil {
			return nil, closeAll, err
		}
		all = append(all, packed...)
	}
	return all, closeAll, nil
}

// unzipped are the pictures of a zip, whatever folders they lie in; what systems put beside them is left out.
func unzipped(content io.ReaderAt, size int64) (all []store.PaperPicture, err error) {
	packed, err := packing.NewReader(content, size)
	if err != nil {
		return nil, sheetFault("scans", "zip_damaged")
	}
	left := uint64(maxPictureBytes)
	for _, f := range packed.File {
		name := path.Base(strings.ReplaceAll(f.Name, `\`, "/"))
		if f.FileInfo().IsDir() || strings.HasPrefix(name, ".") || strings.HasPrefix(f.Name, "__MACOSX/") || strings.EqualFold(name, "Thumbs.db") {
			continue
		}
		if f.UncompressedSize64 > left || len(all) == maxPictures {
			return nil, sheetFault("scans", "zip_too_large")
		}
		left -= f.UncompressedSize64
		all = append(all, store.PaperPicture{Name: name, Open: f.Open})
	}
	return all, nil
}

// pictureFault tells which of the pictures are refused: by the serial that a file is named by, else by its place, as
// other names are repeated nowhere.
func pictureFault(taken []store.PaperPicture, codes []string) error {
	refused := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}
	for i, code := range codes {
		if code == "" {
			continue
		}
		name, _, _ := strings.Cut(taken[i].Name, ".")
		if regulation.CheckSerial(name) != nil {
			name = strconv.Itoa(i + 1)
		}
		refused.Field("scans "+name, code)
	}
	if refused.Fields == nil {
		return nil
	}
	return refused
}
