package protected

// row is a number of paths in one base folder, split at spaces. The last name of each may have a *.
type row struct {
	base  base
	use   use
	why   string
	names string
}

// table is what no skill may touch. Where two programs are alike both are named: a list of all there are is never
// whole, so a row is for those that are in wide use on a desktop of today.
var table = []row{
	{home, secret, "keys of SSH", ".ssh"},
	{home, secret, "keys of GnuPG", ".gnupg .pki"},
	{home, secret, "passwords", `.password-store .netrc .authinfo .authinfo.gpg .pgpass .my.cnf .mylogin.cnf
		.cache/keepassxc .lastpass`},
	{home, secret, "keys for servers and services", `.aws .azure .kube .docker/config.json .git-credentials*
		.npmrc .pypirc .cargo/credentials .cargo/credentials.toml .gem/credentials .terraform.d .terraformrc .vault-token .boto .s3cfg
		.bunfig.toml .m2/settings.xml .gradle/gradle.properties .oci .databrickscfg .Xauthority* .ICEauthority*`},
	{configHome, secret, "keys for servers and services", `gh hub glab-cli gcloud doctl rclone containers/auth.json nix/nix.conf sops age helm
		github-copilot op git/credentials Code/User/globalStorage hcloud fly stripe`},
	{dataHome, secret, "a keyring", "keyrings kwalletd gnupg pki pass gopass"},
	{home, secret, "a keyring", ".gnome2/keyrings .kde/share/apps/kwallet .kde4/share/apps/kwallet .secrets"},
	{configHome, secret, "a keyring", "kwalletrc gnome-control-center/goa goa-1.0 Bitwarden* keepassxc 1Password"},

	{home, secret, "a browser's profile", `.mozilla .librewolf .waterfox .zen .tor-browser* .cache/mozilla .cache/chromium .cache/google-chrome*
		.cache/BraveSoftware .w3m .elinks .lynx*`},
	{configHome, secret, "a browser's profile", `mozilla librewolf zen chromium* google-chrome* BraveSoftware vivaldi* microsoft-edge* opera* yandex-browser*
		epiphany falkon qutebrowser net.imput.helium thorium ungoogled-chromium`},
	{dataHome, secret, "a browser's profile", "epiphany falkon qutebrowser torbrowser"},
	{home, secret, "a mail program's folder", ".thunderbird .cache/thunderbird .betterbird .claws-mail .evolution .mutt .muttrc .mail Mail Maildir .msmtprc .mbsyncrc .offlineimaprc .fetchmailrc"},
	{configHome, secret, "a mail program's folder", "thunderbird evolution geary mutt neomutt aerc msmtp isync* himalaya"},
	{dataHome, secret, "a mail program's folder", "evolution geary mail local-mail kmail2"},
	{configHome, secret, "a messenger's folder", "Signal* Element* discord* Slack* teams* Microsoft/Microsoft*Teams"},
	{dataHome, secret, "a messenger's folder", "TelegramDesktop fractal"},
	// Browsers, mail and keys in Flatpak and Snap have their profiles there; so does every other application its state.
	{home, secret, "an application's own folder", ".var/app snap"},

	// Of a file that its program replaces the new one lies beside it for a moment, under a longer name.
	{home, secret, "a shell's history", `.bash_history* .zsh_history* .histfile* .sh_history* .ksh_history* .python_history* .node_repl_history* .psql_history
		.mysql_history .sqlite_history .rediscli_history .lesshs* .viminf* .wget-hsts .local/state/bash .local/state/zsh .zsh_sessions`},
	{dataHome, secret, "a shell's history", "fish/fish_history* atuin zsh nu/history* recently-used.xbel"},
	{configHome, secret, "a shell's history", "nushell/history* cliphist"},
	{home, secret, "what was copied", ".cache/cliphist .cache/clipboard*"},
	{dataHome, secret, "what was copied", "clipman* klipper"},

	{home, starts, "a start-up file of the shell", `.bashrc .bash_profile .bash_login .bash_logout .bash_aliases .bashrc.d .profile .login .logout .cshrc .tcshrc
		.zshrc .zshenv .zprofile .zlogin .zlogout .zsh .oh-my-zsh .kshrc .mkshrc .shrc .inputrc .pam_environment .environment .xonshrc
		.bash_completion .bash_completion.d .zinit .zplug .antigen .zim`},
	{configHome, starts, "a start-up file of the shell", "fish zsh bash bash_completion nushell elvish xonsh environment.d starship.toml direnv mise"},
	// Found when a command is typed, or completed.
	{dataHome, starts, "a start-up file of the shell", "fish/vendor_* fish/generated_completions bash-completion nushell elvish xonsh"},
	{home, starts, "a start-up file of the session", `.xinitrc .xsession .xsessionrc .xprofile .Xresources .xserverrc .Xclients .gnomerc .dmrc
		.kde/Autostart .kde4/Autostart .kde/env .xmonad .i3 .fluxbox .icewm .fvwm .e`},
	{configHome, starts, "a start-up file of the compositor", `hypr sway niri i3 river labwc wayfire wayfire.ini qtile awesome bspwm sxhkd swaylock swayidle openbox
		herbstluftwm cosmic weston.ini uwsm plasma-workspace kwinrc kglobalshortcutsrc khotkeysrc plasma-org.kde.plasma.desktop-appletsrc
		waybar eww ags quickshell dunst mako swaync fuzzel wofi rofi monitors.xml dconf xfce4 lxqt lxsession lxpanel mate-session cinnamon-session
		leftwm xmonad spectrwm fvwm icewm enlightenment i3status i3status-rust i3blocks polybar wlogout swhkd xremap swayr`},
	// Commands that they run when an output, a device or a time of the day comes, and modules that they load.
	{configHome, starts, "what a service of the session runs", `pipewire wireplumber pulse kanshi shikane way-displays gammastep redshift udiskie espanso
		sunshine mpd mpdscribble`},
	{dataHome, starts, "what a service of the session runs", "wireplumber pipewire"},
	{home, starts, "what a service of the session runs", ".pulse .mpdconf .mpd"},
	// containers/systemd has the units of containers (podman-systemd.unit(5)).
	{configHome, starts, "what starts by itself", "autostart autostart-scripts systemd containers/systemd user-tmpfiles.d upstart cron"},
	{dataHome, starts, "what starts by itself", "systemd dbus-1 user-tmpfiles.d upstart"},
	{home, starts, "what starts by itself", ".local/lib/systemd .cron .crontab .anacron .anacrontab .forward .procmailrc"},
	{home, starts, "who may come in", ".rhosts .shosts .k5login"},

	// A planted desktop entry, program or setting runs at the next click or command. To read them does no harm.
	{dataHome, plants, "where applications are looked up", `applications desktop-directories xsessions wayland-sessions gnome-shell cinnamon plasma kwin
		kservices5 kservices6 knotifications5 knotifications6 konsole kio file-manager nautilus nautilus-python nemo Thunar xfce4 nix thumbnailers mime
		xdg-desktop-portal*`},
	{dataHome, plants, "programs, and what they may do", "flatpak containers pipx uv pnpm mise nvim vim"},
	{configHome, plants, "settings that start programs", `mimeapps.list xdg-desktop-portal* xdg-terminals* containers docker kdeglobals user-dirs.dirs menus home-manager nixpkgs nix flake git nvim vim emacs helix kitty
		alacritty foot ghostty wezterm tmux Code* VSCodium Cursor zed sublime-text JetBrains doom jj hg tig lazygit lf ranger nnn yazi zellij newsboat Kvantum gtk-3.0 gtk-4.0 qt5ct qt6ct fontconfig mpv pip npm Thunar nautilus`},
	{home, plants, "settings that start programs", `.gitconfig .vimrc .gvimrc .vim .nvim .emacs .emacs.d .tmux.conf .screenrc .wezterm.lua .gdbinit .lldbinit .ripgreprc
		.curlrc .wgetrc .npm .yarnrc .condarc .ipython .jupyter .gtkrc-2.0 .nix-profile .nix-defexpr .nix-channels .mailcap .mime.types .direnvrc .editrc
		.pythonrc .pdbrc .irbrc .pryrc .Rprofile .psqlrc .sqliterc .hgrc .tigrc .lesskey .lessfilter .ghci .iex.exs .erlang .Xmodmap .xbindkeysrc .asoundrc .terminfo .local/state/nix .cargo/config.toml
		.vscode .vscode-oss .vscode-server .cursor .doom.d .docker/cli-plugins`},
	{home, plants, "where programs are looked up", "bin .local/bin .local/lib .local/sbin .cargo/bin .cargo/env go/bin .npm-global .yarn .bun/bin .deno/bin .nvm .pyenv .rbenv .asdf .sdkman .rustup .krew .dotnet .volta .rvm .nodenv .opam .ghcup .cabal/bin .pixi .local/opt"},

	{root, system, "the kernel's own files", "proc sys dev"},
	{root, system, "the system's sockets and keys", "run/user run/secrets run/secrets.d run/secrets-for-users.d run/agenix run/agenix.d run/credentials run/dbus run/systemd run/wrappers run/keys"},
	{root, system, "the system's passwords and keys", `etc/shadow etc/shadow- etc/gshadow etc/gshadow- etc/sudoers etc/sudoers.d etc/security/opasswd etc/ssh/ssh_host_*
		etc/ssl/private etc/NetworkManager/system-connections etc/wireguard etc/nix/netrc etc/krb5.keytab var/lib/AccountsService
		var/spool/cron var/spool/mail var/mail var/lib/systemd/credential.secret var/lib/sops-nix`},
}
