# home
# every key
# has: "X-Reload-Triggers":[{"package":"nerva-config.toml
# has: "X-Restart-Triggers":[{"package":"hm_nervastyle.css
# toml: [[watchers.rule]]\nenabled = false\nname = "copied link"\n
# has: "nerva/style.css"
# has: "nerva/skills/weather"
{
  programs.nerva = {
    enable = true;
    llm = {
      provider = "openai";
      model = "qwen3:8b";
      baseUrl = "http://127.0.0.1:8080/v1";
      apiKeyFile = "/run/secrets/nerva-api-key";
      maxRounds = 10;
      share = {
        screen = "deny";
        windows = "allow";
      };
    };
    keybinding.portal = "SUPER+SPACE";
    files.roots = [
      "~"
      "/srv/work"
    ];
    calendar.paths = [ "~/.calendars" ];
    notes.path = "~/notes";
    secrets.path = "/run/secrets/nerva";
    commands = {
      allowed = [
        "ls"
        "git"
      ];
      network = true;
      patterns = [
        {
          argv = [
            "git"
            "{status,log}"
            "**"
          ];
        }
      ];
    };
    clipboard = {
      history = true;
      entries = 50;
      sizeMB = 16;
      days = 7;
      denied = [
        "*keepass*"
        "org.example.Bank"
      ];
    };
    log = {
      days = 90;
      sizeMB = 16;
    };
    policy = {
      safe = "allow";
      caution = "ask";
      dangerous = "deny";
      rules = [
        {
          name = "documents";
          skill = "open_path";
          match.path = "~/Documents/**";
          decision = "allow";
          examples = [
            {
              input.path = "~/Documents/a";
              expect = "allow";
            }
          ];
        }
        {
          name = "git status";
          skill = "run_command";
          match.argv = [
            "git"
            "{status,log}"
            "**"
          ];
          decision = "allow";
        }
        {
          name = "no power";
          skill = "power";
          decision = "deny";
        }
      ];
    };
    watchers = {
      enable = true;
      builtin = false;
      rules = [
        {
          name = "copied link";
          enable = false;
        }
        {
          name = "downloads";
          on = "file";
          match = {
            paths = [ "~/Downloads/*" ];
            events = [ "created" ];
            when = "Bytes > 1000";
          };
          debounce = "2s";
          atMost = "3/1h";
          quiet = "22:00-07:00";
          auto = true;
          skill = "add_note";
          input.text = "{{.Name}}";
        }
        {
          name = "backup";
          on = "unit";
          match = {
            unit = "backup*.service";
            scope = "user";
            states = [ "failed" ];
          };
          notify = {
            title = "{{.Unit}} failed";
            actions = [
              {
                title = "Why?";
                ask = "Why did {{.Unit}} fail?";
              }
              {
                title = "Stand up";
                workflow = "standup";
                input.day = "{{.Unit}}";
              }
            ];
          };
        }
        {
          name = "soon";
          on = "calendar";
          match = {
            before = "10m";
            when = ''Calendar == "work"'';
          };
          notify.title = "{{.Title}} in {{.Minutes}} minutes";
        }
        {
          name = "morning";
          on = "timer";
          match.cron = "0 9 * * 1-5";
          workflow = "standup";
        }
        {
          name = "links";
          on = "clipboard";
          match.regex = "^https?://";
          suggest = {
            title = "Summarise this page?";
            ask = "Summarise {{.Text}}";
          };
        }
      ];
    };
    timers."stand up" = {
      every = "weekday 10:00";
      text = "Stand up and stretch";
    };
    workflows.standup = {
      title = "Stand-up";
      params = [
        {
          name = "day";
          default = "yesterday";
        }
      ];
      steps = [
        {
          skill = "notify";
          input = {
            title = "Stand-up";
            body = "now";
          };
        }
        { ask = "What did I do {{.day}}?"; }
      ];
    };
    mcp.servers = {
      files.command = [
        "mcp-files"
        "/home"
      ];
      web.url = "https://example.org/mcp";
    };
    plugins.weather = {
      source = ./.;
      risk = "caution";
      network = true;
      write = [ "~/.cache/weather" ];
    };
    plugins.clock = ./.;
    style = ''
      .light { --surface: #fffff0; }
    '';
  };
}
