package search

import (
	"strings"

	"nerva/core/api"
)

// desktop is a machine's applications as a German user of a mixed desktop has them:
// title|untranslated name|generic name|keywords|id|executable.
const desktop = `
Firefox||Web Browser|Internet;WWW;Browser;Web;Explorer|firefox|firefox
Dateien|Files|Dateiverwaltung|folder;manager;explore;disk;filesystem;nautilus|org.gnome.Nautilus|nautilus
Files||File Manager|folder;manager;explore;disk;filesystem|io.elementary.files|io.elementary.files
Calculator||Calculator|calculation;arithmetic;scientific;financial|org.gnome.Calculator|gnome-calculator
LibreOffice Calc||Spreadsheet|Accounting;Stats;OpenDocument Spreadsheet;Chart;Microsoft Excel;xlsx|libreoffice-calc|libreoffice
LibreOffice Writer||Word Processor|Text;Letter;Fax;Document;OpenDocument Text;Microsoft Word;docx|libreoffice-writer|libreoffice
LibreOffice Impress||Presentation|Slideshow;Slides;OpenDocument Presentation;Microsoft PowerPoint|libreoffice-impress|libreoffice
LibreOffice Draw||Drawing Program|Vector;Schema;Diagram;Layout;OpenDocument Graphics|libreoffice-draw|libreoffice
LibreOffice Base||Database Development|Data;SQL|libreoffice-base|libreoffice
LibreOffice Math||Formula Editor|Equation;OpenDocument Formula;Formula;MathML|libreoffice-math|libreoffice
LibreOffice||Office Suite|Office;Suite|libreoffice-startcenter|libreoffice
foot||Terminal|shell;prompt;command;commandline|foot|foot
Foot Client||Terminal|shell;prompt;command;commandline|footclient|footclient
Foot Server||Terminal|shell;prompt;command;commandline|foot-server|foot
Alacritty||Terminal|shell;prompt;command;commandline;cmd|Alacritty|alacritty
kitty||Terminal emulator|shell;prompt;command|kitty|kitty
XTerm||Terminal|shell;prompt;command;commandline|debian-xterm|xterm
Visual Studio Code||Text Editor|vscode|code|code
Texteditor|Text Editor|Texteditor|notepad;gedit|org.gnome.TextEditor|gnome-text-editor
Einstellungen|Settings|Systemeinstellungen|Preferences;Control Center;Einstellungen|org.gnome.Settings|gnome-control-center
System Settings||System Settings|preferences;config|systemsettings|systemsettings
Systemmonitor|System Monitor|Systemüberwachung|Monitor;System;Process;CPU;Memory;Network;History;Usage;Performance;Task;Manager;Activity|org.gnome.SystemMonitor|gnome-system-monitor
Plasma System Monitor||System Monitor|process;task;manager|org.kde.plasma-systemmonitor|plasma-systemmonitor
Htop||Process Viewer|system;process;task|htop|htop
GIMP|GNU Image Manipulation Program|Image Editor|GIMP;graphic;design;illustration;painting|org.gimp.GIMP|gimp
Inkscape||Vector Graphics Editor|image;editor;vector;drawing|org.inkscape.Inkscape|inkscape
Krita||Digital Painting|Graphics;Draw;Paint|org.kde.krita|krita
Blender||3D Modeler|3d;cg;modeling;animation;render engine;rendering|blender|blender
Darktable||Photo workflow software|graphics;photography;raw|org.darktable.darktable|darktable
Thunderbird||Mail Client|Email;E-mail;Newsgroup;Feed;RSS|thunderbird|thunderbird
Evolution||Groupware Suite|email;calendar;contact;addressbook;task|org.gnome.Evolution|evolution
Kalender|Calendar|Kalender|Calendar;Event;Reminder|org.gnome.Calendar|gnome-calendar
Kontakte|Contacts|Kontakte|friends;address book|org.gnome.Contacts|gnome-contacts
Karten|Maps|Karten|Maps;Navigation|org.gnome.Maps|gnome-maps
Wetter|Weather|Wetter|Weather;Forecast|org.gnome.Weather|gnome-weather
Uhren|Clocks|Uhr|time;timer;alarm;world clock;stopwatch;time zone|org.gnome.clocks|gnome-clocks
Cheese||Webcam Booth|photo;video;webcam|org.gnome.Cheese|cheese
Videos|Videos|Filmwiedergabe|Video;Movie;Film;Clip;Series;Player;DVD;TV;Disc|org.gnome.Totem|totem
VLC media player||Media player|Player;Capture;DVD;Audio;Video;Server;Broadcast|vlc|vlc
mpv Media Player||Multimedia player|mpv;media;player;video;audio;tv|mpv|mpv
Rhythmbox||Music Player|Audio;Song;MP3;CD;Podcast;MTP;iPod;Playlist;Last.fm;UPnP;DLNA;Radio|org.gnome.Rhythmbox3|rhythmbox
Spotify||Music Player|Music;Player;Streaming;Online|spotify|spotify
Audacity||Sound Editor|sound;music editing;voice channel;frequency;modulation;audio trim;clipping;noise reduction;multi track audio editor;edit;mixing;WAV;AIFF;FLAC;MP2;MP3|audacity|audacity
PulseAudio Volume Control||Volume Control|pavucontrol;Microphone;Volume;Fade;Balance;Headset;Speakers;Headphones;Audio;Mixer;Output;Input;Devices;Playback;Recording;System Sounds;Sound Card;Settings;Preferences|pavucontrol|pavucontrol
EasyEffects||Equalizer, Compressor and Other Audio Effects|limiter;compressor;reverberation;equalizer;autovolume|com.github.wwmm.easyeffects|easyeffects
OBS Studio||Streaming/Recording Software|Streaming;Recording;Capture|com.obsproject.Studio|obs
Kdenlive||Video Editor|video;edit;movie|org.kde.kdenlive|kdenlive
Chromium||Web Browser|Internet;WWW;Browser|chromium|chromium
Google Chrome||Web Browser|Internet;WWW;Browser|google-chrome|google-chrome-stable
Web||Web Browser|web;browser;internet|org.gnome.Epiphany|epiphany
Tor Browser||Web Browser|anonymous;privacy|torbrowser|torbrowser-launcher
FileZilla||FTP client|ftp;sftp;transfer|filezilla|filezilla
Transmission||BitTorrent Client|torrents;downloading;uploading;share;sharing|transmission-gtk|transmission-gtk
qBittorrent||BitTorrent client|bittorrent;torrent;magnet;download;p2p|org.qbittorrent.qBittorrent|qbittorrent
Document Scanner||Scanner|scan;scanner;flatbed;adf|simple-scan|simple-scan
Dokumentenbetrachter|Document Viewer|Dokumentbetrachter|pdf;ps;postscript;dvi;xps;djvu;tiff;document;presentation;viewer;evince|org.gnome.Evince|evince
Okular||Document Viewer|PDF;Portable Document Format|org.kde.okular|okular
zathura||Document Viewer|PDF;PS;PostScript;DjVU;document;presentation;viewer|org.pwmt.zathura|zathura
Bildbetrachter|Image Viewer|Bildbetrachter|Picture;Slideshow;Graphics|org.gnome.eog|eog
imv||Image viewer|photo;picture|imv|imv
Shotwell||Photo Manager|album;camera;cameras;crop;edit;enhance;export;gallery;image|org.gnome.Shotwell|shotwell
Archivverwaltung|Archive Manager|Archivverwaltung|zip;tar;extract;unpack|org.gnome.FileRoller|file-roller
Laufwerke|Disks|Laufwerksverwaltung|disk;drive;volume;harddisk;hdd;disc;cdrom;dvd;partition;iso;image;backup;restore;benchmark;raid;luks;encryption;S.M.A.R.T.;smart|org.gnome.DiskUtility|gnome-disks
GParted||Partition Editor|Partition|gparted|gparted
Festplattenbelegung|Disk Usage Analyzer|Festplattenbelegung|storage;space;cleanup|org.gnome.baobab|baobab
Schriften|Fonts|Schriften|fonts;fontface|org.gnome.font-viewer|gnome-font-viewer
Zeichen|Characters|Zeichen|characters;unicode;punctuation;math;letters;emoji;emoticon;symbols|org.gnome.Characters|gnome-characters
Passwörter und Verschlüsselung|Passwords and Keys|Passwörter|keyring;encryption;security;sign;ssh;seahorse|org.gnome.seahorse.Application|seahorse
KeePassXC||Password Manager|security;privacy;password-manager;yubikey;password;keepass|org.keepassxc.KeePassXC|keepassxc
Bitwarden||Password Manager|password;vault|bitwarden|bitwarden
Signal||Instant Messenger|sgnl;chat|signal-desktop|signal-desktop
Telegram||Messenger|tg;chat;im;messaging;messenger;sms;tdesktop|org.telegram.desktop|telegram-desktop
Discord||Internet Messenger|chat;voice|discord|discord
Element||Matrix Client|Matrix;matrix.org;chat;irc;communications;talk;riot;vector|element-desktop|element-desktop
Slack||Slack Client|chat;work|slack|slack
Zoom||Zoom Client for Linux|meeting;video call|us.zoom.Zoom|zoom
HexChat||IRC Client|IM;Chat|io.github.Hexchat|hexchat
Steam||Game Store|games;valve|steam|steam
Lutris||Game Manager|gaming;wine;emulator|net.lutris.Lutris|lutris
Minecraft Launcher||Game|game;blocks|minecraft-launcher|minecraft-launcher
Sudoku||Logic Game|magic;square|org.gnome.Sudoku|gnome-sudoku
Minen|Mines|Minenräumer|minesweeper|org.gnome.Mines|gnome-mines
Schach|Chess|Schachspiel|game;strategy|org.gnome.Chess|gnome-chess
AisleRiot Solitaire||Card Game|cards;klondike|sol|sol
Virtual Machine Manager||Virtualization|vmm;kvm;qemu|virt-manager|virt-manager
Boxes||Virtual machine viewer|virtual machine;vm;rdp;vnc;spice|org.gnome.Boxes|gnome-boxes
VirtualBox||Virtual Machine|virtualization|virtualbox|VirtualBox
Remmina||Remote Desktop Client|remote desktop;rdp;vnc;ssh|org.remmina.Remmina|remmina
Wireshark||Network Analyzer|netmon;network;sniffer;ethernet;traffic|org.wireshark.Wireshark|wireshark
Emacs||Text Editor|Text;Editor|emacs|emacs
Emacs (Client)||Text Editor|Text;Editor|emacsclient|emacsclient
Vim||Text Editor|Text;editor|vim|vim
Neovim||Text Editor|Text;editor|nvim|nvim
Kate||Advanced Text Editor|editor;code|org.kde.kate|kate
Sublime Text||Text Editor|editor;code|sublime_text|subl
GNU Octave||Scientific Computing|science;math;matrix;numerical computation;plotting|org.octave.Octave|octave
RStudio||R IDE|statistics|rstudio|rstudio
IntelliJ IDEA||Java IDE|java;jetbrains|jetbrains-idea|idea
Android Studio||Android IDE|java;kotlin|android-studio|studio
DBeaver||Universal Database Manager|Database;SQL;IDE;JDBC;ODBC|io.dbeaver.DBeaverCommunity|dbeaver
Meld||Diff Viewer|diff;merge;compare|org.gnome.Meld|meld
Git GUI||Git|vcs|git-gui|git
Gitg||Git repository viewer|git;vcs|org.gnome.gitg|gitg
Software||Software Store|Updates;Upgrade;Sources;Repositories;Preferences;Install;Uninstall;Program;App;Store|org.gnome.Software|gnome-software
Software Updater||Software Update|update;upgrade|update-manager|update-manager
Synaptic Package Manager||Package Manager|package;apt;dpkg|synaptic|synaptic
Drucker|Print Settings|Drucker|Printer;Queue;Print;Paper;Ink;Toner|system-config-printer|system-config-printer
Bluetooth Manager||Bluetooth|bluetooth;pairing|blueman-manager|blueman-manager
Advanced Network Configuration||Network Connections|network;wifi;vpn|nm-connection-editor|nm-connection-editor
Bildschirmtastatur|On-Screen Keyboard|Tastatur|keyboard;osk|onboard|onboard
Color Picker||Color Picker|colour;hex;rgb|nl.hjdskes.gcolor3|gcolor3
Screenshot||Screenshot|snapshot;capture;print|org.gnome.Screenshot|gnome-screenshot
Flameshot||Screenshot tool|flameshot;screenshot;capture;shutter|org.flameshot.Flameshot|flameshot
Obsidian||Knowledge base|notes;markdown|obsidian|obsidian
Notes||Notes|sticky;memo|org.gnome.Notes|bijiben
Anki||Flashcards|flash;card;memory;learn|anki|anki
Zotero||Reference Manager|citation;bibliography|zotero|zotero
calibre||E-book library management|epub;ebook;manager;reader|calibre-gui|calibre
Foliate||E-Book Viewer|Ebook;Book;EPUB;Viewer;Reader|com.github.johnfactotum.Foliate|foliate
Stellarium||Planetarium|astronomy;stars|org.stellarium.Stellarium|stellarium
Startup Applications||Session|autostart|gnome-session-properties|gnome-session-properties
電卓|Kalk|Calculator|calc|org.kde.kalk|kalk
Калькулятор|Qalculate!|Calculator|calculation;arithmetic;units;currency|qalculate-gtk|qalculate-gtk
`

func desktopItems() []Item {
	var items []Item
	for _, line := range strings.Split(strings.TrimSpace(desktop), "\n") {
		f := strings.Split(line, "|")
		items = append(items, Item{
			Result: api.Result{
				ID: "app:" + f[4], Kind: api.KindApp, Title: f[0], Subtitle: f[2],
				Actions: []api.Action{{ID: "open", Title: "Open"}},
			},
			Names: []string{f[1], f[5]}, Generic: []string{f[2]}, Keywords: strings.Split(f[3], ";"), IDs: []string{f[4]},
		})
	}
	return items
}
