package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"mwiz/gui/wording"
)

// ctrl is the shortcut of a key with Ctrl, Cmd on a Mac.
func ctrl(key fyne.KeyName) fyne.Shortcut {
	return &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}
}

// ctrlShift is the shortcut of a key with Ctrl and Shift, Cmd and Shift on a Mac.
func ctrlShift(key fyne.KeyName) fyne.Shortcut {
	return &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift}
}

// setMenu makes the main menu fit what is shown. The shortcuts hang on its items: the toolkit looks there first, whatever has the focus.
func (w *Window) setMenu() {
	if w.menu == nil {
		w.buildMenu()
	}
	changed := false
	for item, c := range w.commands {
		if disabled := !w.view.can(c); item.Disabled != disabled {
			item.Disabled, changed = disabled, true
		}
	}
	if changed {
		w.menu.Refresh()
	}
}

func (w *Window) buildMenu() {
	w.commands = map[*fyne.MenuItem]command{}
	item := func(id string, s fyne.Shortcut, act func()) *fyne.MenuItem {
		i := fyne.NewMenuItem(wording.T(id), act)
		i.Shortcut = s
		return i
	}
	asks := func(id string, s fyne.Shortcut, c command) *fyne.MenuItem {
		i := item(id, s, func() {
			if w.view.can(c) && w.free() {
				w.view.command(c)
			}
		})
		w.commands[i] = c
		return i
	}
	free := func(act func()) func() {
		return func() {
			if w.free() {
				act()
			}
		}
	}
	quit := item("menu.quit", ctrl(fyne.KeyQ), w.close)
	quit.IsQuit = true
	w.menu = fyne.NewMainMenu(
		fyne.NewMenu(wording.T("menu.file"),
			item("projects.start", ctrl(fyne.KeyN), free(w.startForm)),
			asks("action.open", ctrl(fyne.KeyO), cmdOpen),
			asks("action.edit", ctrl(fyne.KeyE), cmdEdit),
			asks("menu.save", ctrl(fyne.KeyS), cmdSave),
			asks("action.report", ctrlShift(fyne.KeyR), cmdReport),
			fyne.NewMenuItemSeparator(),
			item("menu.preferences", ctrl(fyne.KeyComma), free(w.askPreferences)),
			fyne.NewMenuItemSeparator(),
			quit),
		fyne.NewMenu(wording.T("menu.migration"),
			asks("action.migrate", ctrl(fyne.KeyM), cmdMigrate),
			asks("action.stop", ctrl(fyne.KeyPeriod), cmdStop),
			fyne.NewMenuItemSeparator(),
			asks("action.preview", ctrl(fyne.KeyP), cmdPreview),
			asks("action.retry", ctrl(fyne.KeyT), cmdRetry),
			fyne.NewMenuItemSeparator(),
			asks("action.schedule", ctrl(fyne.KeyL), cmdSchedule),
			asks("action.add", ctrl(fyne.KeyI), cmdAdd),
			asks("action.delete", nil, cmdDelete)),
		fyne.NewMenu(wording.T("menu.view"),
			item("menu.home", &desktop.CustomShortcut{KeyName: fyne.KeyLeft, Modifier: fyne.KeyModifierAlt}, free(func() { w.view.back() })),
			asks("menu.next", &desktop.CustomShortcut{KeyName: fyne.KeyRight, Modifier: fyne.KeyModifierAlt}, cmdNext),
			item("menu.refresh", ctrl(fyne.KeyR), func() { w.view.reload() }),
			asks("menu.find", ctrl(fyne.KeyF), cmdFind),
			asks("action.receipt", ctrlShift(fyne.KeyF), cmdReceipt),
			w.sortMenu(),
			fyne.NewMenuItemSeparator(),
			asks("menu.tab.next", &desktop.CustomShortcut{KeyName: fyne.KeyTab, Modifier: fyne.KeyModifierControl}, cmdNextTab),
			asks("menu.tab.last", &desktop.CustomShortcut{KeyName: fyne.KeyTab, Modifier: fyne.KeyModifierControl | fyne.KeyModifierShift}, cmdLastTab),
			asks("tab.mailboxes", ctrl(fyne.Key1), cmdTab1),
			asks("tab.passes", ctrl(fyne.Key2), cmdTab2),
			asks("tab.errors", ctrl(fyne.Key3), cmdTab3),
			asks("tab.folders", ctrl(fyne.Key4), cmdTab4)),
		w.helpMenu(item, free))
	w.window.SetMainMenu(w.menu)
}

// helpMenu is the last menu: of what it can offer, only what there is.
func (w *Window) helpMenu(item func(string, fyne.Shortcut, func()) *fyne.MenuItem, free func(func()) func()) *fyne.Menu {
	menu := fyne.NewMenu(wording.T("menu.help"))
	if w.parts.Guide != nil {
		menu.Items = append(menu.Items, item("menu.guide", nil, free(w.openGuide)))
	}
	menu.Items = append(menu.Items, item("menu.tour", nil, free(w.showTour)))
	if w.parts.Support != nil {
		menu.Items = append(menu.Items, item("menu.support", nil, free(w.saveSupport)))
	}
	menu.Items = append(menu.Items, fyne.NewMenuItemSeparator(), item("menu.about", nil, free(w.about)))
	return menu
}

// sortMenu is what My Migrations can be sorted by.
func (w *Window) sortMenu() *fyne.MenuItem {
	menu := fyne.NewMenu("")
	for _, c := range projectColumns {
		if c.sort != "" {
			menu.Items = append(menu.Items, fyne.NewMenuItem(wording.T(c.title), func() {
				if w.view.can(cmdSort) && w.free() {
					w.projects.header.sortBy(c)
				}
			}))
		}
	}
	item := fyne.NewMenuItem(wording.T("menu.sort"), nil)
	item.ChildMenu = menu
	w.commands[item] = cmdSort
	return item
}

// free reports whether no dialog is open, so that a shortcut may act.
func (w *Window) free() bool { return w.window.Canvas().Overlays().Top() == nil }
