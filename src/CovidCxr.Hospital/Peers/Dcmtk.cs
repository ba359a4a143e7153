namespace CovidCxr.Hospital.Peers;

/// <summary>The programs of dcmtk, which speak the network's protocol.</summary>
static class Dcmtk
{
    public const string Missing = "dcmtk is not installed (apt-get install dcmtk).";

    /// <summary>Where a program lies on this machine's path; null where it is not installed.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Append("/usr/bin").Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
