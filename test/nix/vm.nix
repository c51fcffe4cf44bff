# A machine as a newcomer would declare it: Hyprland, Home Manager, the one import. A person logs in, presses
# SUPER+SPACE, types, asks over the bus, and finds it all in the journal.
{ pkgs, home-manager }:
pkgs.testers.runNixOSTest {
  name = "nerva";
  enableOCR = true;

  nodes.machine =
    { pkgs, ... }:
    {
      imports = [
        home-manager.nixosModules.home-manager
        ../../nixosModules
      ];

      services.nerva = {
        enable = true;
        users = [ "alice" ];
        hyprland.enable = true;
      };

      users.users.alice = {
        isNormalUser = true;
        uid = 1000;
        password = "alice";
      };

      home-manager = {
        useGlobalPkgs = true;
        useUserPackages = true;
        users.alice = {
          home.stateVersion = "26.05";
          wayland.windowManager.hyprland.enable = true;
          programs.nerva.llm.provider = "offline";
        };
      };

      services.greetd = {
        enable = true;
        settings.default_session = {
          command = "Hyprland";
          user = "alice";
        };
      };

      environment.systemPackages = [ pkgs.ydotool ];
      virtualisation = {
        memorySize = 2048;
        cores = 2;
        qemu.options = [ "-vga none -device virtio-gpu-pci" ];
      };
    };

  testScript = ''
    session = "XDG_RUNTIME_DIR=/run/user/1000 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus"


    def alice(command):
        return f"su - alice -c '{session} {command}'"


    machine.wait_for_unit("multi-user.target")
    machine.wait_for_file("/run/user/1000/wayland-1.lock")
    machine.wait_until_succeeds(alice("systemctl --user is-active nervad"))
    machine.wait_until_succeeds(alice("systemctl --user is-active nerva-overlay"))

    with subtest("the daemon is declared as it should be"):
        unit = machine.succeed(alice("systemctl --user cat nervad"))
        assert "Restart=always" in unit and "RestartSec=2" in unit, unit

    with subtest("SUPER+SPACE opens the overlay"):
        machine.send_key("meta_l-spc")
        machine.wait_for_text("Search or ask")
        machine.screenshot("overlay")

    with subtest("alice types through uinput, and nobody else may"):
        machine.fail("su - nobody -s /bin/sh -c 'test -w /dev/uinput'")
        machine.succeed(alice("systemd-run --user --unit ydotoold ydotoold"))
        machine.wait_for_file("/run/user/1000/.ydotool_socket")
        machine.succeed(alice("ydotool type 6*7+1295"))
        machine.wait_for_text("1337")
        machine.screenshot("typed")

    with subtest("asking over the bus"):
        answer = machine.succeed(
            alice(
                "busctl --user call org.nerva.Nerva1 /org/nerva/Nerva1 org.nerva.Agent1 "
                'AskAndWait "sa{sv}" "what is 21*2" 0'
            )
        )
        assert "42" in answer, answer

    with subtest("the journal has the daemon's words"):
        machine.succeed(alice("journalctl --user -u nervad | grep -F msg=ready"))

    with subtest("a killed daemon comes back"):
        machine.succeed(alice("systemctl --user kill -s KILL nervad"))
        machine.wait_until_succeeds(alice("systemctl --user is-active nervad"), timeout=10)
  '';
}
