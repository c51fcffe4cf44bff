package protected

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ada's list, on no real disk.
func ada(t *testing.T) *List {
	t.Helper()
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "CREDENTIALS_DIRECTORY"} {
		t.Setenv(name, "")
	}
	return New(Options{
		Home: "/home/ada", Secrets: "/home/ada/vault", Keys: []string{"/home/ada/model.key", ""},
		Own:    []string{"/home/ada/.config/nerva", "/home/ada/.local/state/nerva", "/home/ada/.cache/nerva"},
		Handed: []string{"/home/ada/.cache/nerva/captures"},
	})
}

func TestWhatNoSkillMayTouch(t *testing.T) {
	for _, c := range []struct{ rule, paths string }{
		{"keys", "~/.ssh ~/.ssh/id_ed25519 ~/.gnupg/private-keys-v1.d/x ~/.aws/credentials ~/.kube/config ~/.docker/config.json ~/.config/gh/hosts.yml"},
		{"passwords", "~/.netrc ~/.pgpass ~/.git-credentials ~/.password-store/bank.gpg ~/.config/keepassxc/keepassxc.ini"},
		{"keyrings", "~/.local/share/keyrings/login.keyring ~/.local/share/kwalletd/kdewallet.kwl"},
		{"browsers", `~/.mozilla/firefox/x.default/logins.json ~/.config/chromium/Default/Cookies ~/.config/google-chrome/x ~/.config/google-chrome-beta/x
			~/.config/BraveSoftware/x ~/.config/vivaldi/x ~/.var/app/org.mozilla.firefox/x ~/snap/firefox/common/x`},
		{"mail", "~/.thunderbird/x ~/.local/share/evolution/x ~/.config/geary/x"},
		{"histories", "~/.bash_history ~/.zsh_history ~/.local/share/fish/fish_history"},
		{"start-up files of shells", "~/.bashrc ~/.profile ~/.zshrc ~/.zshenv ~/.config/fish/config.fish ~/.config/fish/conf.d/x.fish ~/.config/environment.d/x.conf"},
		{"start-up files of compositors", "~/.config/hypr/hyprland.conf ~/.config/sway/config ~/.config/niri/config.kdl ~/.config/i3/config ~/.config/river/init ~/.config/labwc/rc.xml"},
		{"what starts by itself", "~/.config/autostart/x.desktop ~/.config/systemd/user/x.service ~/.local/share/systemd/user/x.service ~/.local/share/dbus-1/services/x.service ~/.config/plasma-workspace/env/x.sh"},
		{"units of containers", "~/.config/containers/systemd/x.container"},
		{"completions of shells", `~/.bash_completion ~/.config/bash_completion ~/.local/share/bash-completion/completions/ls ~/.local/share/fish/vendor_conf.d/x.fish
			~/.local/share/fish/vendor_functions.d/ls.fish ~/.local/share/fish/generated_completions/ls.fish`},
		{"start-up files of desktops", "~/.config/lxsession/LXDE/autostart ~/.config/lxqt/globalkeyshortcuts.conf ~/.config/leftwm/up ~/.xmonad/xmonad.hs ~/.config/xfce4/xfconf/xfce-perchannel-xml/xfce4-keyboard-shortcuts.xml"},
		{"what services of the session run", "~/.config/kanshi/config ~/.config/wireplumber/x.lua ~/.local/share/wireplumber/scripts/x.lua ~/.config/pipewire/pipewire.conf ~/.config/pulse/default.pa ~/.config/gammastep/hooks/x"},
		{"files made at login", "~/.config/user-tmpfiles.d/x.conf ~/.local/share/user-tmpfiles.d/x.conf"},
		{"who may come in", "~/.rhosts ~/.k5login"},
		{"nerva's own", "~/.config/nerva/config.toml ~/.local/state/nerva/nerva.db ~/.cache/nerva/x ~/vault/key ~/model.key"},
		{"the system", "/proc/1/environ /proc/self/environ /proc /sys/kernel /dev/mem /run/user/1000/bus /etc/shadow /run/secrets/x"},
		{"other people", "/home/bob /home/bob/x /home/adam /root/.profile"},
		{"however it is written", "~/.SSH/id ~/.ſsh/id ~/.\u200bssh/id ~/.ssh/ ~/./.ssh ~//.ssh ~/x/../.ssh /PROC/1/environ"},
		{"what is no absolute path", ".ssh x ../x"},
	} {
		l := ada(t)
		for path := range strings.FieldsSeq(c.paths) {
			path = strings.Replace(path, "~", "/home/ada", 1)
			if l.Now().Why(path) == "" || l.Now().WhyWrite(path) == "" {
				t.Errorf("%s: %q may be touched: %q, %q", c.rule, path, l.Now().Why(path), l.Now().WhyWrite(path))
			}
		}
	}
}

func TestWhatMayBeReadAndNotWritten(t *testing.T) {
	for _, c := range []struct{ rule, paths string }{
		{"programs", "~/bin/x ~/.local/bin/x ~/.cargo/bin/x"},
		{"desktop entries", "~/.local/share/applications/x.desktop ~/.config/mimeapps.list"},
		{"settings that run commands", "~/.gitconfig ~/.config/git/config ~/.vimrc ~/work/.git/config ~/work/.git/hooks/x ~/work/.GIT/config"},
		{"settings of portals", "~/.config/xdg-desktop-portal/portals.conf ~/.config/xdg-desktop-portal-wlr/config ~/.config/xdg-desktop-portal-luminous/x"},
		{"what applications may do", "~/.local/share/flatpak/overrides/org.mozilla.firefox ~/.config/containers/containers.conf ~/.local/share/containers/storage/x"},
		{"extensions", "~/.vscode/extensions/x/extension.js ~/.local/share/nvim/site/plugin/x.lua ~/.local/share/cinnamon/extensions/x ~/.local/share/konsole/x.profile ~/.docker/cli-plugins/x"},
		{"more settings that run commands", "~/.hgrc ~/.config/jj/config.toml ~/.config/lf/lfrc ~/.config/zed/settings.json ~/.config/kdeglobals"},
		{"folders around what is protected", "/ /home /home/ada ~/.config ~/.config/ ~/.CONFIG ~/.local ~/.local/share ~/.docker ~/.cache /run /etc"},
		{"what was handed out", "~/.cache/nerva/captures/x.png"},
	} {
		l := ada(t)
		for path := range strings.FieldsSeq(c.paths) {
			path = strings.Replace(path, "~", "/home/ada", 1)
			if l.Now().Why(path) != "" || l.Now().WhyWrite(path) == "" {
				t.Errorf("%s: %q: %q, %q", c.rule, path, l.Now().Why(path), l.Now().WhyWrite(path))
			}
		}
	}
}

func TestWhatIsTheUsersOwn(t *testing.T) {
	l := ada(t)
	for path := range strings.FieldsSeq(`/home/ada/Documents /home/ada/Documents/.ssh/x /home/ada/.sshd /home/ada/x.ssh /home/ada/sshkeys
		/home/ada/.bashrc.old /home/ada/.docker/other /home/ada/.config/nervana/x /home/ada/proc/x /tmp/x /etc/hosts /usr/share/x /run/media/ada/stick/x
		/home/ada/.local/share/fish/x /home/ada/.config/bash_completions /home/ada/.gitignore /home/ada/work/x.git/config /home/ada/Maildirs`) {
		if l.Now().Why(path) != "" || l.Now().WhyWrite(path) != "" {
			t.Errorf("%q: %q, %q", path, l.Now().Why(path), l.Now().WhyWrite(path))
		}
	}
}

func TestMovedBaseFoldersAreHonoured(t *testing.T) {
	ada(t)
	t.Setenv("XDG_CONFIG_HOME", "/data/ada/conf")
	t.Setenv("XDG_DATA_HOME", "relative/is/invalid")
	t.Setenv("XDG_RUNTIME_DIR", "/somewhere/run")
	t.Setenv("CREDENTIALS_DIRECTORY", "/somewhere/credentials")
	l := New(Options{Home: "/home/ada"})
	for _, path := range []string{
		"/data/ada/conf/autostart/x", "/home/ada/.config/autostart/x", "/home/ada/.local/share/keyrings/x",
		"/somewhere/run/bus", "/somewhere/credentials/nerva-api-key",
	} {
		if l.Now().Why(path) == "" {
			t.Errorf("%s may be touched", path)
		}
	}
	if why := l.Now().WhyWrite("/data/ada"); why == "" {
		t.Error("the folder around the moved one may be moved")
	}
}

// where is a home on a real disk, with links in it.
func where(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"vault/ssh", "dotfiles/config", ".gnupg/sub", ".config.d", "safe", ".bash", ".mozilla", "Chromium", "[x]/.ssh"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{
		".ssh": "vault/ssh", ".config": "dotfiles/config", ".bashrc": "dotfiles/bashrc", ".kube": "nowhere/kube", ".aws": ".aws",
		"dotfiles/config/chromium-dev": "../../Chromium",
	} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "CREDENTIALS_DIRECTORY"} {
		t.Setenv(name, "")
	}
	return dir
}

func TestAnEntryIsKnownWhereItsLinkLeads(t *testing.T) {
	dir := where(t)
	l := New(Options{Home: dir})
	for _, path := range []string{
		"vault/ssh/id", "dotfiles/bashrc", "dotfiles/config/autostart/x.desktop", "nowhere/kube/config", "Chromium/Default/Cookies",
	} {
		if l.Now().Why(filepath.Join(dir, path)) == "" {
			t.Errorf("%s may be touched", path)
		}
	}
	for _, path := range []string{"vault", "dotfiles", "dotfiles/config", "nowhere"} {
		if l.Now().WhyWrite(filepath.Join(dir, path)) == "" {
			t.Errorf("%s may be moved away", path)
		}
	}
	if why := l.Now().WhyWrite(filepath.Join(dir, "safe")); why != "" {
		t.Error(why)
	}
	// A link that is made later counts as well.
	if err := os.Symlink("safe", filepath.Join(dir, ".netrc")); err != nil {
		t.Fatal(err)
	}
	if l.Now().Why(filepath.Join(dir, "safe")) == "" {
		t.Error("a new link is not followed")
	}
}

func TestAHomeWithLettersOfPatterns(t *testing.T) {
	home := filepath.Join(where(t), "[x]")
	l := New(Options{Home: home})
	if l.Now().Why(home+"/.ssh/id") == "" {
		t.Error("its keys may be read")
	}
	if got := l.Hidden(); !slices.Contains(got, home+"/.ssh") {
		t.Error(got)
	}
}

func TestASandboxMasksWhatThereIs(t *testing.T) {
	dir := where(t)
	l := New(Options{
		Home: dir, Secrets: filepath.Join(dir, "safe"), Own: []string{filepath.Join(dir, ".gnupg/sub"), filepath.Join(dir, "none")},
		Keys: []string{filepath.Join(dir, "dotfiles/config")},
	})
	var got, missing []string
	for _, path := range l.Hidden() {
		name := strings.TrimPrefix(path, dir+"/")
		if info, err := os.Lstat(path); err != nil {
			missing = append(missing, name)
		} else if info.Mode().Type() != os.ModeSymlink {
			got = append(got, name)
		}
	}
	// Neither .gnupg/sub, which is in .gnupg, nor start-up files, which are no secret.
	if want := []string{".gnupg", ".mozilla", "Chromium", "dotfiles/config", "safe", "vault/ssh"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// Where a link leads to nothing, the folder of configuration behind its link, patterns, and what nobody has made yet.
	for _, want := range []string{"nowhere/kube", ".netrc", ".bash_history*", "none"} {
		if !slices.Contains(missing, want) {
			t.Errorf("%s is not among what may appear: %q", want, missing)
		}
	}
	if slices.Contains(missing, ".gnupg/sub") {
		t.Error("what lies in another is listed")
	}
}

// TestNewFilesOfWhatIsReplaced: programs write a new file beside the old one and rename it; it holds the same.
func TestNewFilesOfWhatIsReplaced(t *testing.T) {
	l := ada(t)
	for path := range strings.FieldsSeq(`.bash_history-01234.tmp .zsh_history.new .zsh_history.LOCK .viminfo.tmp .viminfa.tmp .lesshsQ .Xauthority-n
		.git-credentials.lock .local/share/fish/fish_history.Ab12Cd .python_history-1`) {
		if l.Now().Why("/home/ada/"+path) == "" {
			t.Errorf("%s may be read", path)
		}
	}
}

// FuzzWhy holds that no spelling of a protected path gets by, and that what may be written may be read.
func FuzzWhy(f *testing.F) {
	for _, seed := range []string{"/home/ada/.ssh/id", "/home/ada/.config", "/", "", "//", "/home/ada/\u200b.ssh", "/proc/1/environ", "/home/ada/[*?\\"} {
		f.Add(seed)
	}
	now := New(Options{Home: "/home/ada", Secrets: "/home/ada/vault"}).Now()
	f.Fuzz(func(t *testing.T, path string) {
		why, write := now.Why(path), now.WhyWrite(path)
		if why != "" && write == "" {
			t.Errorf("%q may be written and not read", path)
		}
		if !filepath.IsAbs(path) {
			return
		}
		if again := now.Why(filepath.Clean(path)); again != why {
			t.Errorf("%q and its clean form differ: %q, %q", path, why, again)
		}
		if again := now.Why(path + "/"); again != why {
			t.Errorf("%q and the same with a slash differ: %q, %q", path, why, again)
		}
		if in := now.Why(path + "/x"); why != "" && in == "" {
			t.Errorf("%q is protected and what is in it is not", path)
		}
		if inside := "/home/ada/.ssh/" + path; strings.HasPrefix(filepath.Clean(inside), "/home/ada/.ssh/") && now.Why(inside) == "" {
			t.Errorf("%q may be read", inside)
		}
	})
}

func BenchmarkNow(b *testing.B) {
	l := New(Options{Home: "/home/ada"})
	for b.Loop() {
		l.Now()
	}
}
