using CovidCxr.Hospital.Peers;
using CovidCxr.Storage.Files;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Inbox;

/// <summary>Whether anything more can be received, whatever way it comes.</summary>
public sealed class InboxRoom(ReceivedFiles files, DataFolder folder, IOptions<HospitalOptions> options)
{
    /// <summary>Below this nothing is taken, and what is under way ends: the database lies on the same disk.</summary>
    public const long LeastFreeBytes = 500_000_000;

    /// <summary>Of the disk that a folder lies on.</summary>
    internal Func<string, long> FreeBytes { get; set; } = root => new DriveInfo(root).AvailableFreeSpace;

    public bool IsOnDisk => FreeBytes(folder.Root) >= LeastFreeBytes;

    /// <summary>Whether fewer objects wait to be filed than may.</summary>
    public async Task<bool> IsInQueueAsync(CancellationToken cancellation) =>
        await files.CountWaitingAsync(cancellation) < options.Value.MaxWaiting;
}
