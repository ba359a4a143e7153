using System.Text.Json;

namespace CovidCxr.Platform.Audit;

/// <summary>Up to which entry the collector has the trail, in a file beside the key.</summary>
sealed record SyslogPosition(long LastId, byte[] Seal)
{
    public static readonly SyslogPosition None = new(0, []);

    static string PathIn(string folder) => Path.Combine(folder, "audit-syslog.json");

    /// <summary>From the beginning where there is none, or where it cannot be read: twice is better than never.</summary>
    public static SyslogPosition Read(string folder)
    {
        try
        {
            return File.Exists(PathIn(folder))
                ? JsonSerializer.Deserialize<SyslogPosition>(File.ReadAllBytes(PathIn(folder))) ?? None
                : None;
        }
        catch (JsonException)
        {
            return None;
        }
    }

    public void Write(string folder) => AuditKey.WriteWhole(PathIn(folder), JsonSerializer.SerializeToUtf8Bytes(this));
}
