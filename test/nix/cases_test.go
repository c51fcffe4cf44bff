package nix_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestConfigurations evaluates cases/: each begins with its kind, home or nixos, and then what must come of it, a
// line each. A case that is refused, asserts or fails to build is so for the reason it names.
//
//	# print: EXPR      the result is this, of a home's configuration c
//	# has: TEXT        stands in the result, JSON without blanks
//	# hasnot: TEXT
//	# toml: TEXT       stands in the generated configuration, \n being a new line
//	# refused: REGEX   Nix refuses it and says so
//	# asserts: REGEX   an assertion fails and says so
//	# build: REGEX     `nerva config check` refuses the generated file and says so
func TestConfigurations(t *testing.T) {
	files, err := filepath.Glob("cases/*.nix")
	if err != nil || len(files) < 25 {
		t.Fatalf("only %d cases, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".nix"), func(t *testing.T) {
			t.Parallel()
			need(t, []string{"nix-instantiate"}, "NIX_HARNESS", "NIXPKGS_LIB", "HOME_MANAGER")
			kind, wants := header(t, file)
			module := map[string]string{"home": "homeModules", "nixos": "nixosModules"}[kind]
			module = filepath.Join(root, module, "default.nix")
			out, said, err := harness(t, kind, module, file)
			if print := wants["print"]; len(print) > 0 {
				out, said, err = printed(t, module, file, print[0])
			}
			if len(wants["refused"]) > 0 {
				if err == nil {
					t.Fatal("it was accepted")
				}
				matches(t, said, wants["refused"])
				return
			}
			if err != nil {
				t.Fatal(said)
			}
			judge(t, out, wants)
		})
	}
}

func header(t *testing.T, file string) (kind string, wants map[string][]string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wants = map[string][]string{}
	for i, line := range strings.Split(string(text), "\n") {
		line, ok := strings.CutPrefix(line, "# ")
		if !ok {
			break
		}
		if i == 0 {
			kind = line
			continue
		}
		if key, value, ok := strings.Cut(line, ": "); ok {
			wants[key] = append(wants[key], value)
		}
	}
	return kind, wants
}

func harness(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	return output(t, ".", filepath.Join(os.Getenv("NIX_HARNESS"), "run.sh"), args...)
}

// printed evaluates a part of a home's configuration that the harness does not show.
func printed(t *testing.T, module, file, expression string) (stdout, stderr string, err error) {
	t.Helper()
	file, err = filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	module, err = filepath.Abs(module)
	if err != nil {
		t.Fatal(err)
	}
	return evaluated(t, map[string]string{"module": module, "file": file}, `
		let
			home = import (/. + harness + "/home.nix") {
				inherit lib pkgs homeManager;
				modules = [ (/. + module) (/. + file) ];
			};
			c = home.eval.config;
		in
		`+expression)
}

// matches compares without line breaks: Nix folds its messages.
func matches(t *testing.T, text string, wants []string) {
	t.Helper()
	text = strings.Join(strings.Fields(text), " ")
	for _, want := range wants {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("%q does not match %s", text, want)
		}
	}
}

func judge(t *testing.T, out string, wants map[string][]string) {
	t.Helper()
	for _, want := range wants["has"] {
		if !strings.Contains(out, want) {
			t.Errorf("there is no %s in %s", want, out)
		}
	}
	for _, want := range wants["hasnot"] {
		if strings.Contains(out, want) {
			t.Errorf("there is %s in %s", want, out)
		}
	}
	var result struct {
		FailedAssertions []string
		ConfigFiles      map[string]struct{ Content string } // home
		Config           struct {                            // nixos
			Environment struct {
				Etc map[string]struct{ Source struct{ Content string } }
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		t.Fatal(err)
	}
	if len(wants["asserts"]) > 0 || len(result.FailedAssertions) > 0 {
		if len(wants["asserts"]) == 0 || len(result.FailedAssertions) == 0 {
			t.Fatalf("the assertions that fail are %q", result.FailedAssertions)
		}
		matches(t, strings.Join(result.FailedAssertions, "\n"), wants["asserts"])
		return
	}
	toml := result.ConfigFiles["nerva/config.toml"].Content
	if toml == "" {
		toml = result.Config.Environment.Etc["xdg/nerva/config.toml"].Source.Content
	}
	for _, want := range wants["toml"] {
		if want = strings.ReplaceAll(want, `\n`, "\n"); !strings.Contains(toml, want) {
			t.Errorf("there is no %q in %q", want, toml)
		}
	}
	checkTOML(t, toml, wants["build"])
}

// checkTOML has `nerva config check` read the file, as the build does.
func checkTOML(t *testing.T, toml string, wants []string) {
	t.Helper()
	if toml == "" && len(wants) == 0 {
		return
	}
	file := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(file, []byte(toml), 0o600); err != nil {
		t.Fatal(err)
	}
	_, said, err := output(t, ".", "nerva", "config", "check", file)
	switch {
	case len(wants) == 0 && err != nil:
		t.Errorf("%v: %s", err, said)
	case len(wants) > 0 && err == nil:
		t.Errorf("this was accepted:\n%s", toml)
	case len(wants) > 0:
		matches(t, said, wants)
	}
}

// TestAWrongFileEndsItsBuild runs the command that follows the generation of the file.
func TestAWrongFileEndsItsBuild(t *testing.T) {
	need(t, []string{"nix-instantiate"}, "NIX_HARNESS", "NIXPKGS_LIB", "HOME_MANAGER")
	out, said, err := printed(t, filepath.Join(root, "homeModules"), "cases/home-everything.nix",
		`c.xdg.configFile."nerva/config.toml".source.buildCommand`)
	if err != nil {
		t.Fatal(said)
	}
	var command string
	if err := json.Unmarshal([]byte(out), &command); err != nil {
		t.Fatal(err)
	}
	command = regexp.MustCompile(`/nix/store/[^ ]*/bin/nerva `).ReplaceAllString(command, "nerva ")
	for text, want := range map[string]string{
		"[llm]\nmodel = \"x\"\n":    "",
		"[llm]\nmodels = \"x\"\n":   "programs.nerva.settings, line 2: llm.models is not a key",
		"[llm]\nbase_url = \"x\"\n": "programs.nerva.llm.baseUrl, line 2: llm.base_url is",
		"[[policy.rule]]\nname = \"a\"\nskill = \"none\"\ndecision = \"ask\"\n":                                         "programs.nerva.policy.rules, line 3: policy.rule[0].skill is",
		"[[watchers.rule]]\nname = \"a\"\non = \"file\"\nmatch.regex = \"(\"\nsuggest = {title = \"t\", ask = \"a\"}\n": "programs.nerva.watchers.rules, line 4: watchers.rule[0].match.regex is no regular expression",
	} {
		file := filepath.Join(t.TempDir(), "config.toml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("out", file)
		_, said, err := output(t, ".", "bash", "-euc", command)
		if (err != nil) != (want != "") || !strings.Contains(said, want) {
			t.Errorf("%q: %v, %s", text, err, said)
		}
	}
}

// TestTheFlakeHasItsOutputs calls outputs with stand-ins for the inputs.
func TestTheFlakeHasItsOutputs(t *testing.T) {
	need(t, []string{"nix-instantiate"}, "NIX_HARNESS", "NIXPKGS_LIB", "HOME_MANAGER")
	out, said, err := harness(t, "flake", root)
	if err != nil {
		t.Fatal(said)
	}
	for _, want := range []string{
		`"packages":{"default":"nerva","nerva":"nerva","nerva-ui":"nerva","nervad":"nervad"}`,
		`"nixosModules":["default"]`, `"homeModules":["default"]`, `"overlays":["default"]`, `"homeManagerModules"`,
		`"devShells":{"default":`, `"formatter":"nixfmt-tree"`, `"vm":"vm-test-run-nerva"`, `"apps"`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("there is no %s in %s", want, out)
		}
	}
	// The shell has packages that the harness does not know by name.
	t.Setenv("EXTRA_NAMES", "gnome-calculator mandoc mousepad procps sway-unwrapped swaybg")
	if out, said, err = harness(t, "flake", root, "devShells.x86_64-linux.default.NERVA_DEV_DATA_DIRS"); err != nil {
		t.Errorf("the shell is %s, %s", out, said)
	}
	// The machine of the test is evaluated with the same stand-ins.
	out, said, err = harness(t, "flake", root, "checks.x86_64-linux.vm.nodes.machine.summary")
	if err != nil || !strings.Contains(out, `"failedAssertions":[]`) || !strings.Contains(out, `"extraGroups":["uinput"]`) {
		t.Errorf("the machine is %s, %s", out, said)
	}
	for _, system := range []string{"x86_64-linux", "aarch64-linux"} {
		if _, said, err := harness(t, "flake", root, "packages."+system+".default"); err != nil {
			t.Error(said)
		}
	}
}

// TestEachFileWorksAlone imports one file of the modules and nothing else of nerva's.
func TestEachFileWorksAlone(t *testing.T) {
	for kind, enable := range map[string]string{"home": "programs", "nixos": "services"} {
		files, err := filepath.Glob(filepath.Join(root, kind+"Modules", "*.nix"))
		if kind == "nixos" && len(files) < 4 || len(files) < 3 || err != nil {
			t.Fatalf("only %q, %v", files, err)
		}
		on := filepath.Join(t.TempDir(), "on.nix")
		if err := os.WriteFile(on, []byte("{ "+enable+".nerva.enable = true; }"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			t.Run(kind+"/"+filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				need(t, []string{"nix-instantiate"}, "NIX_HARNESS", "NIXPKGS_LIB", "HOME_MANAGER")
				out, said, err := harness(t, kind, file, on)
				if err != nil || !strings.Contains(out, "nerva-"+strings.TrimSpace(read(t, "VERSION"))) {
					t.Errorf("%s: %s", out, said)
				}
			})
		}
	}
}

// TestTheSystemBringsTheBindingToItsUsers evaluates a home with the modules that the system shares.
func TestTheSystemBringsTheBindingToItsUsers(t *testing.T) {
	need(t, []string{"nix-instantiate"}, "NIX_HARNESS", "NIXPKGS_LIB", "HOME_MANAGER")
	for user, want := range map[string]string{
		"alice": `{"enable":true,"lua":true,"reloads":true,"units":[]}`,
		"bob":   `{"enable":false,"lua":false,"reloads":false,"units":[]}`,
	} {
		out, said, err := evaluated(t, map[string]string{"user": user}, `
			let
				system = import (/. + harness + "/nixos.nix") {
					inherit lib pkgs;
					modules = [ ./nixosModules ./test/nix/cases/nixos-plain.nix ];
				};
				home = import (/. + harness + "/home.nix") {
					inherit lib pkgs homeManager;
					modules = system.eval.config.home-manager.sharedModules ++ [
						{
							home.username = lib.mkForce user;
							programs.nerva.llm.provider = "offline";
							wayland.windowManager.hyprland.enable = true;
						}
					];
				};
				c = home.eval.config;
			in
			{
				inherit (c.programs.nerva) enable;
				reloads = lib.hasInfix "reload nervad.service" (c.xdg.configFile."nerva/config.toml".onChange or "");
				lua = c.xdg.configFile ? "hypr/nerva.lua";
				units = builtins.filter (lib.hasPrefix "nerva") (builtins.attrNames c.systemd.user.services);
			}`)
		if out = strings.TrimSpace(out); err != nil || out != want {
			t.Errorf("%s has %s, want %s: %s", user, out, want, said)
		}
	}
}

// evaluated gives an expression lib, pkgs, harness and homeManager, and what arguments has, and reads it in the
// checkout's root.
func evaluated(t *testing.T, arguments map[string]string, expression string) (stdout, stderr string, err error) {
	t.Helper()
	args := []string{"--store", "dummy://", "--eval", "--strict", "--json"}
	names := "harness, nixpkgsLib, homeManagerPath"
	add := func(name, value string) { args = append(args, "--argstr", name, value) }
	for name, value := range arguments {
		add(name, value)
		names += ", " + name
	}
	for name, variable := range map[string]string{
		"harness": "NIX_HARNESS", "nixpkgsLib": "NIXPKGS_LIB", "homeManagerPath": "HOME_MANAGER",
	} {
		add(name, os.Getenv(variable))
	}
	return output(t, root, "nix-instantiate", append(args, "-E", `
		{ `+names+` }:
		let
			lib = import (/. + harness + "/lib.nix") (/. + nixpkgsLib + "/lib");
			pkgs = import (/. + harness + "/pkgs.nix") { inherit lib; path = /. + harness + "/fake-nixpkgs"; };
			homeManager = /. + homeManagerPath;
		in
		`+expression)...)
}
