# home
# build: policy\.rule\[0\]\.match is missing; what is dangerous
{
  programs.nerva = {
    enable = true;
    policy.rules = [
      {
        name = "a";
        skill = "write_file";
        decision = "allow";
      }
    ];
  };
}
