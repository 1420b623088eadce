package gui

import (
	"bufio"
	"errors"
	"io"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"mwiz/gui/wording"
)

// openFile lets the user choose a file with one of the extensions, ".csv", and hands it to read, which closes it.
func (w *Window) openFile(extensions []string, read func(fyne.URIReadCloser)) {
	keys := w.window.Canvas().OnTypedKey()
	open := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		if err != nil {
			w.tell(err, "")
			return
		}
		if file != nil {
			read(file)
		}
	}, w.window)
	open.SetTitleText(wording.T("file.title"))
	open.SetConfirmText(wording.T("action.open"))
	open.SetDismissText(wording.T("dialog.cancel"))
	open.SetView(dialog.ListView)
	open.SetFilter(storage.NewExtensionFileFilter(extensions))
	w.window.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			open.Dismiss()
		}
	})
	open.SetOnClosed(func() { w.window.Canvas().SetOnTypedKey(keys) })
	open.Show()
	open.Resize(fyne.NewSize(900, 600)) // not before it is shown: Fyne has nothing to resize then
}

// saveFile lets the user choose where to save something, with a name to begin with, and hands the open file to write, which closes it.
func (w *Window) saveFile(title, name string, write func(fyne.URIWriteCloser)) {
	keys := w.window.Canvas().OnTypedKey()
	save := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) {
		if err != nil {
			w.tell(err, "")
			return
		}
		if file != nil {
			write(file)
		}
	}, w.window)
	save.SetTitleText(title)
	save.SetConfirmText(wording.T("file.save"))
	save.SetDismissText(wording.T("dialog.cancel"))
	save.SetView(dialog.ListView)
	save.SetFileName(name)
	w.window.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			save.Dismiss()
		}
	})
	save.SetOnClosed(func() { w.window.Canvas().SetOnTypedKey(keys) })
	save.Show()
	save.Resize(fyne.NewSize(900, 600)) // not before it is shown, as above
}

// fill writes a file, for the user's eyes only, and closes it. One that cannot be written to its end is taken away. It takes time.
func fill(file fyne.URIWriteCloser, write func(io.Writer) error) error {
	if uri := file.URI(); uri.Scheme() == "file" {
		_ = os.Chmod(uri.Path(), 0o600) // where the disk knows no modes there is nothing to do
	}
	out := bufio.NewWriterSize(file, 64<<10)
	err := write(out)
	if err == nil {
		err = out.Flush()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		_ = storage.Delete(file.URI())
	}
	return err
}
