package main

import (
	"mwiz/assets"
	"mwiz/engine"
)

// providers returns what is known of services: by the preset that an endpoint was made from, else by its host.
func providers() func(engine.Endpoint) engine.Provider {
	presets, err := assets.Presets()
	if err != nil {
		return nil // embedded: a test reads them all
	}
	known := map[string]engine.Provider{}
	for i := len(presets) - 1; i >= 0; i-- { // the first one of a host counts
		p := presets[i]
		facts := engine.Provider{Connections: p.Connections, DownloadDay: int64(p.DownloadDayMB) * 1e6, UploadDay: int64(p.UploadDayMB) * 1e6,
			Shows: p.Shows, Export: assets.PresetOf(presets, p.Export).Host, LocalUser: p.User == assets.UserLocal}
		if known["id "+p.ID] = facts; p.Host != "" {
			known["host "+p.Host] = facts
		}
	}
	return func(to engine.Endpoint) engine.Provider {
		if facts, ok := known["host "+to.Host]; ok {
			return facts
		}
		return known["id "+to.Preset]
	}
}
