package gui

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
)

// markups are the scenes that are held as markup too, in which a difference reads as text.
var markups = []string{"welcome", "projects", "projects-working", "mailboxes", "mailboxes-working", "passes", "errors", "connector-wrong", "grid-wrong", "trial", "summary", "migration", "finished", "settings", "closing", "receipts", "folders", "passes-working", "used"}

// unheld are scenes whose looks hang on the machine: Fyne's file dialog lists a folder.
var unheld = []string{"saving"}

// TestViews holds every scene as a picture, light and dark, and those of markups as markup; German ones are shown with the longest names
// that occur. When a difference is meant, look at testdata/failed, then run it again with MWIZ_GOLDEN=write.
func TestViews(t *testing.T) {
	names := slices.Clone(german)
	for _, scene := range scenes {
		names = append(names, scene.name)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) { mustView(t, name) })
	}
}

// mustView opens a scene light, and makes it dark while it is shown, as the system does in the evening.
func mustView(t *testing.T, name string) {
	t.Helper()
	for try := 0; ; try++ {
		began := time.Now()
		wakeFyne()
		r := mustScene(t, name, Light)
		if slices.Contains(unheld, name) {
			return
		}
		light := r.window.Canvas().Capture()
		r.app.Settings().SetTheme(Theme{Dark})
		r.settle()
		dark := r.window.Canvas().Capture()
		if time.Since(began) > 50*time.Second && try < 5 {
			r.window.Close()
			continue // too slow for Fyne's minute
		}
		mustLook(t, name+"-light", light)
		mustLook(t, name+"-dark", dark)
		if slices.Contains(markups, name) {
			r.app.Settings().SetTheme(Theme{Light})
			r.settle()
			test.AssertRendersToMarkup(t, name+".xml", r.window.Canvas())
		}
		return
	}
}

// wakeFyne begins the minute anew after which Fyne forgets what was drawn. It does so while a picture is taken, before it is painted: one
// taken more than a minute after the picture before is blank, however new what is on it.
func wakeFyne() { software.NewCanvas().Capture() }

// mustLook compares a picture with the one that is held of it: half as large and in few colours, which shows what is out of place or cannot
// be read, and takes little room.
func mustLook(t *testing.T, name string, full image.Image) {
	t.Helper()
	small := halve(full)
	held, failed := filepath.Join("testdata", "views", name+".png"), filepath.Join("testdata", "failed", name+".png")
	if os.Getenv("MWIZ_GOLDEN") == "write" {
		mustWriteImage(t, held, few(small))
		return
	}
	f, err := os.Open(held)
	if err != nil {
		mustWriteImage(t, failed, full)
		t.Errorf("no picture is held of this view: look at %s", failed)
		return
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if where := differ(small, want); !where.Empty() {
		mustWriteImage(t, failed, full)
		where = image.Rectangle{where.Min.Mul(2), where.Max.Mul(2)}
		t.Errorf("%s differs within %v: see %s", held, where, failed)
	}
}

// halve returns a picture at half its size, each dot the mean of four.
func halve(full image.Image) *image.NRGBA {
	b := full.Bounds()
	small := image.NewNRGBA(image.Rect(0, 0, b.Dx()/2, b.Dy()/2))
	from := full.(*image.NRGBA)
	for y := range small.Rect.Dy() {
		for x := range small.Rect.Dx() {
			a, c := from.PixOffset(2*x, 2*y), from.PixOffset(2*x, 2*y+1)
			at := small.PixOffset(x, y)
			for i := range 4 {
				sum := int(from.Pix[a+i]) + int(from.Pix[a+4+i]) + int(from.Pix[c+i]) + int(from.Pix[c+4+i])
				small.Pix[at+i] = uint8(sum / 4)
			}
		}
	}
	return small
}

// few returns a picture in 16 steps a colour, of which there may be 256.
func few(small *image.NRGBA) image.Image {
	out := image.NewPaletted(small.Rect, nil)
	known := map[color.NRGBA]uint8{}
	for y := range small.Rect.Dy() {
		for x := range small.Rect.Dx() {
			c := small.NRGBAAt(x, y)
			c = color.NRGBA{c.R&0xf0 | 8, c.G&0xf0 | 8, c.B&0xf0 | 8, 0xff}
			i, is := known[c]
			if !is && len(out.Palette) < 256 {
				i = uint8(len(out.Palette))
				known[c], out.Palette = i, append(out.Palette, c)
			} else if !is {
				i = uint8(out.Palette.Index(c))
			}
			out.SetColorIndex(x, y, i)
		}
	}
	return out
}

// differ returns where two pictures are not alike, but for what few leaves out.
func differ(got *image.NRGBA, want image.Image) (where image.Rectangle) {
	if got.Rect != want.Bounds() {
		return got.Rect
	}
	far := func(a, b uint8) bool { return a > b+24 && b < 232 || b > 24 && a < b-24 }
	for y := range got.Rect.Dy() {
		for x := range got.Rect.Dx() {
			g, w := got.NRGBAAt(x, y), color.NRGBAModel.Convert(want.At(x, y)).(color.NRGBA)
			if far(g.R, w.R) || far(g.G, w.G) || far(g.B, w.B) {
				where = where.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return where
}

func mustWriteImage(t *testing.T, name string, i image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(f, i); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
