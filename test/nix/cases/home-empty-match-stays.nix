# home
# toml: argv = []
{
  programs.nerva = {
    enable = true;
    policy.rules = [
      {
        name = "nothing";
        skill = "run_command";
        match.argv = [ ];
        decision = "allow";
      }
    ];
  };
}
