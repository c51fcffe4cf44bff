# home
# toml: path = []
{
  programs.nerva = {
    enable = true;
    policy.rules = [
      {
        name = "nothing";
        skill = "open_path";
        match.path = [ ];
        decision = "allow";
      }
    ];
  };
}
