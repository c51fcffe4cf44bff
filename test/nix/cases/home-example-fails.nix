# home
# build: policy\.rule\[0\]\.example\[0\]\.expect is "allow", but the tier decides "ask"
{
  programs.nerva = {
    enable = true;
    policy.rules = [
      {
        name = "documents";
        skill = "open_path";
        match.path = "~/Documents/**";
        decision = "allow";
        examples = [
          {
            input.path = "~/Downloads/a";
            expect = "allow";
          }
        ];
      }
    ];
  };
}
