package imaptest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// config returns the server's imapd.conf.
func (s *CyrusServer) config() string {
	var b strings.Builder
	line := func(option, format string, a ...any) {
		fmt.Fprintf(&b, "%s: "+format+"\n", append([]any{option}, a...)...)
	}
	line("configdirectory", "%s/conf", s.dir)
	line("defaultpartition", "default")
	line("partition-default", "%s/spool", s.dir)
	line("temp_path", "%s/tmp", s.dir)
	line("cyrus_user", "%s", s.user)
	line("servername", "cyrus.example.org")
	line("admins", CyrusAdmin)
	line("virtdomains", "userid")
	line("allowplaintext", "yes")
	line("failedloginpause", "0")
	line("sasl_mech_list", "PLAIN LOGIN")
	line("sasl_pwcheck_method", "saslauthd")
	line("sasl_saslauthd_path", "%s/mux", s.dir)
	line("tls_server_cert", "%s/cert.pem", s.dir)
	line("tls_server_key", "%s/key.pem", s.dir)
	line("tls_session_timeout", "0")
	line("unixhierarchysep", "%t", s.o.Separator == "/")
	line("altnamespace", "%t", !s.o.Below)
	line("munge8bit", "%t", s.o.EightBit == MungeEightBit)
	line("reject8bit", "%t", s.o.EightBit == RejectEightBit)
	line("autocreate_quota", "0") // a new user has a mailbox at his first sign-in, and no quota
	if s.o.Messages > 0 {
		line("autocreate_quota_messages", "%d", s.o.Messages)
	}
	if s.o.MaxSize > 0 {
		line("maxmessagesize", "%d", s.o.MaxSize)
	}
	if len(s.o.Without) > 0 {
		line("suppress_capabilities", "%s", strings.Join(s.o.Without, " "))
	}
	var folders []string
	for _, use := range slices.Sorted(maps.Keys(s.o.Special)) {
		folders = append(folders, s.o.Special[use])
		line("xlist-"+strings.ToLower(strings.TrimPrefix(use, `\`)), "%s", s.o.Special[use])
	}
	if len(folders) > 0 {
		line("autocreate_inbox_folders", "%s", strings.Join(folders, "|"))
	}
	b.WriteString(s.o.Extra + "\n")
	return b.String()
}

// services returns the server's cyrus.conf, which says what the master process runs.
func (s *CyrusServer) services(imapd string) string {
	return fmt.Sprintf(`START {
  recover cmd="%[1]s -C %[2]s -r"
}
SERVICES {
  imap cmd="%[3]s -C %[2]s" listen="127.0.0.1:%[4]d" proto="tcp4" prefork=1
  imaps cmd="%[3]s -s -C %[2]s" listen="127.0.0.1:%[5]d" proto="tcp4" prefork=0
}
EVENTS {
}
`, s.program("ctl_cyrusdb"), imapd, s.program("imapd"), s.port, s.tlsPort)
}
