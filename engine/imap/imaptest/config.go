package imaptest

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// config returns the server's configuration, in the language of Dovecot 2.3.
func (s *Server) config() string {
	var b strings.Builder
	line := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	line("base_dir = %s/run", s.dir)
	line("state_dir = %s/run", s.dir)
	line("log_path = %s/log", s.dir)
	line("protocols = imap")
	line("listen = 127.0.0.1")
	line("default_internal_user = %s", s.internal)
	line("default_internal_group = %s", s.group)
	line("default_login_user = %s", s.login)
	line("default_vsz_limit = 2G")
	line("first_valid_uid = 1")
	line("ssl = yes")
	line("ssl_cert = <%s/cert.pem", s.dir)
	line("ssl_key = <%s/key.pem", s.dir)
	line("disable_plaintext_auth = no")
	line("mail_location = %s", s.mailLocation())
	line("mail_fsync = %s", s.o.Fsync)
	line("mail_max_userip_connections = %d", s.o.Connections)
	line("auth_mechanisms = plain login%s", s.tokenMechanisms())
	line("auth_username_format = %%u")
	line("auth_failure_delay = 0")
	if s.caps != "" {
		line("imap_capability = %s", s.caps)
	}
	s.writeUsers(line)
	s.writeServices(line)
	s.writeNamespace(line)
	s.writeQuota(line)
	b.WriteString(s.o.Extra + "\n")
	return b.String()
}

func (s *Server) mailLocation() string {
	home := s.dir + "/mail/%u"
	if s.o.Format == "maildir" {
		return "maildir:" + home + "/Maildir:LAYOUT=fs"
	}
	return s.o.Format + ":" + home + "/mail"
}

func (s *Server) writeUsers(line func(string, ...any)) {
	s.writeOthers(line)
	if len(s.o.Passwords) > 0 {
		line("passdb {\n driver = passwd-file\n args = scheme=PLAIN username_format=%%u %s/users\n}", s.dir)
	}
	line("passdb {\n driver = static\n args = password=%s", Password)
	if len(s.o.Passwords) > 0 {
		line(" username_filter = !%s", strings.Join(s.namedUsers(), " !"))
	}
	line("}")
	line("userdb {\n driver = static\n args = uid=%d gid=%d home=%s/mail/%%u allow_all_users=yes\n}", s.mailUID, s.mailGID, s.dir)
}

// namedUsers returns the users with a password of their own, sorted.
func (s *Server) namedUsers() []string {
	return slices.Sorted(maps.Keys(s.o.Passwords))
}

// passwordFile returns the passwords in the form of passwd(5).
func (s *Server) passwordFile() string {
	var b strings.Builder
	for _, u := range s.namedUsers() {
		fmt.Fprintf(&b, "%s:%s::::::\n", u, s.o.Passwords[u])
	}
	return b.String()
}

// writeServices sets the ports, lifts limits that parallel tests would meet, and takes away the delay after refused sign-ins.
func (s *Server) writeServices(line func(string, ...any)) {
	chroot := ""
	if os.Getuid() != 0 {
		chroot = " chroot =\n"
	}
	line("service imap-login {\n inet_listener imap {\n port = %d\n }\n inet_listener imaps {\n port = %d\n }", s.port, s.tlsPort)
	line(" process_min_avail = 1\n service_count = 0\n client_limit = 1000\n%s}", chroot)
	line("service imap {\n process_limit = 512\n}")
	line("service auth {\n client_limit = 4096\n}")
	line("service anvil {\n client_limit = 4096\n%s unix_listener anvil-auth-penalty {\n mode = 0\n }\n}", chroot)
	if chroot != "" {
		line("service stats {\n chroot =\n}")
	}
}

func (s *Server) writeNamespace(line func(string, ...any)) {
	line("namespace inbox {\n inbox = yes\n separator = %s\n prefix = %s", s.o.Separator, s.o.Prefix)
	for _, use := range slices.Sorted(maps.Keys(s.o.Special)) {
		line(" mailbox %q {\n special_use = %s\n }", s.o.Special[use], use)
	}
	line("}")
}

func (s *Server) writeQuota(line func(string, ...any)) {
	if s.o.Messages == 0 && s.o.Bytes == 0 && s.o.MaxSize == 0 {
		return
	}
	rule := "*:storage=0"
	if s.o.Bytes > 0 {
		rule = fmt.Sprintf("*:bytes=%d", s.o.Bytes)
	}
	if s.o.Messages > 0 {
		rule += fmt.Sprintf(":messages=%d", s.o.Messages)
	}
	line("mail_plugins = quota")
	line("protocol imap {\n mail_plugins = quota imap_quota\n}")
	line("plugin {\n quota = count:User quota\n quota_vsizes = yes\n quota_grace = 0\n quota_rule = %s", rule)
	if s.o.MaxSize > 0 {
		line(" quota_max_mail_size = %dB", s.o.MaxSize)
	}
	line("}")
}
