package gui

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2/theme"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// volumeEntry is how much each account of a side may move in a day. Nothing typed is as much as the provider allows, which the empty field shows.
type volumeEntry struct {
	*entry
	field *field
	from  *endpointEditor
	value *int // MB; 0: the provider's, -1: any
}

const mostVolume = 1_000_000 // MB

func newVolumeEntry(from *endpointEditor, value *int) *volumeEntry {
	v := &volumeEntry{field: newField(""), from: from, value: value}
	id := "settings.download"
	if from.side == engine.Destination {
		id = "settings.upload"
	}
	v.entry = newEntry("", container(numberLayout{}, v.field, wholeText(wording.T(id), theme.SizeNameText, theme.ColorNameForeground)))
	v.whole.Layout = entryLayout{}
	v.field.OnChanged = func(string) { v.say("") }
	switch {
	case *value > 0:
		v.field.SetText(strconv.Itoa(*value))
	case *value < 0:
		v.field.SetText(wording.T("used.any"))
	}
	from.chosen = v.showOwn
	v.showOwn()
	return v
}

// showOwn shows what the provider allows.
func (v *volumeEntry) showOwn() {
	preset := v.from.preset()
	allowed := preset.DownloadDayMB
	if v.from.side == engine.Destination {
		allowed = preset.UploadDayMB
	}
	v.field.SetPlaceHolder(wording.T("used.any"))
	if allowed > 0 {
		v.field.SetPlaceHolder(wording.Number(allowed))
	}
}

// take reads what is typed, and reports whether it is a volume.
func (v *volumeEntry) take() bool {
	typed := strings.TrimSpace(v.field.Text)
	switch value, err := strconv.Atoi(typed); {
	case typed == "":
		*v.value = 0
	case strings.EqualFold(typed, wording.T("used.any")):
		*v.value = -1
	case err != nil || value < 1 || value > mostVolume:
		return v.say(wording.T("settings.volume", "Max", wording.Number(mostVolume), "Any", wording.T("used.any")))
	default:
		*v.value = value
	}
	return v.say("")
}
