package modelserver

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	_ "image/jpeg" // what may be decoded
	_ "image/png"
	"strings"
)

// Picture is one that a user's message shows.
type Picture struct {
	Type  string // its MIME type
	Data  []byte
	Image image.Image // nil where it can't be decoded

	problem string
}

// The real service takes no more (Images and vision, "Image input requirements").
const (
	maxPictureBytes = 20 << 20
	maxPictures     = 10
)

// newPicture reads a data URL (RFC 2397). The real service also fetches addresses; nothing here is to be fetched.
func newPicture(url string) (p Picture) {
	head, data, found := strings.Cut(strings.TrimPrefix(url, "data:"), ";base64,")
	if !found || !strings.HasPrefix(url, "data:") {
		p.problem = "Invalid image URL: expected a data URL with base64."
		return p
	}
	p.Type = head
	var err error
	if p.Data, err = base64.StdEncoding.DecodeString(data); err != nil || len(p.Data) > maxPictureBytes {
		p.problem = "Invalid base64 image_url."
		return p
	}
	decoded, kind, err := image.Decode(bytes.NewReader(p.Data))
	if err != nil || "image/"+kind != p.Type {
		p.problem = fmt.Sprintf("You uploaded an unsupported image. Please make sure your image is valid; it says %q and is %q.", p.Type, kind)
		return p
	}
	p.Image = decoded
	return p
}

func checkPictures(at int, m Message) string {
	if len(m.Content.Pictures) > 0 && m.Role != "user" {
		return fmt.Sprintf("Invalid 'messages[%d]'. Image URLs are only allowed for messages with role 'user', but this message with role '%s' contains an image URL.", at, m.Role)
	}
	if len(m.Content.Pictures) > maxPictures {
		return fmt.Sprintf("Invalid 'messages[%d]': too many images.", at)
	}
	for _, p := range m.Content.Pictures {
		if p.problem != "" {
			return p.problem
		}
	}
	return ""
}
