package imaptest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// tokenMechanisms returns the ways to sign in by an access token, if there are any.
func (s *Server) tokenMechanisms() string {
	if s.o.Introspect[0] == "" {
		return ""
	}
	return " xoauth2 oauthbearer"
}

// writeOthers sets who may sign in otherwise than by a user's password: a master user, and who has an access token.
func (s *Server) writeOthers(line func(string, ...any)) {
	if s.o.Master != "" {
		line("auth_master_user_separator = *")
		line("passdb {\n driver = passwd-file\n args = scheme=PLAIN username_format=%%u %s/master\n master = yes\n result_success = continue\n}", s.dir)
	}
	if s.o.Introspect[0] == "" {
		return
	}
	for i := range s.o.Introspect {
		line("passdb {\n driver = oauth2\n mechanisms = xoauth2 oauthbearer\n args = %s/oauth2-%d.conf\n}", s.dir, i)
	}
}

// writeAccess writes the files that those settings name.
func (s *Server) writeAccess() error {
	err := os.WriteFile(filepath.Join(s.dir, "master"), []byte(s.o.Master+":"+Password+"::::::\n"), 0o644)
	for i, url := range s.o.Introspect {
		format := "%u"
		if i == 1 { // whoever the user is
			format = "all"
		}
		text := fmt.Sprintf("introspection_mode = post\nintrospection_url = %s\nusername_attribute = username\nusername_format = %s\n"+
			"active_attribute = active\nactive_value = true\n", url, format)
		err = errors.Join(err, os.WriteFile(filepath.Join(s.dir, fmt.Sprintf("oauth2-%d.conf", i)), []byte(text), 0o644))
	}
	return err
}
