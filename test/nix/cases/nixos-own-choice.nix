# nixos
# has: "pipewire":{"enable":false}
# has: "RestartSec":10
{
  services.nerva = {
    enable = true;
    users = [ "alice" ];
  };
  services.pipewire.enable = false;
  systemd.user.services.nervad.serviceConfig.RestartSec = 10;
  users.users.alice.isNormalUser = true;
}
