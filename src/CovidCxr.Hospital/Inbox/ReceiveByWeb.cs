using System.Data.Common;
using System.Text;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Dicom;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Inbox;

/// <summary>What became of an object.</summary>
/// <param name="SopClass">As the object says; null where it cannot be read. Likewise Instance.</param>
/// <param name="Failure">Why it was not taken, by PS3.18 and PS3.4; null where it was.</param>
public sealed record WebObject(string? SopClass, string? Instance, int? Failure);

/// <summary>
/// Takes objects that a client of DICOMweb stores (STOW-RS, PS3.18 10.5) into the inbox, where those of associations lie too. What is told
/// to be stored is on the disk and in the database; filing, quarantine and questions come afterwards, as for every sender.
/// </summary>
public sealed class ReceiveByWeb(
    ReceivedFiles files, InboxRoom room, IOptions<ImagingOptions> imaging, ILogger<ReceiveByWeb> logger) : IDisposable
{
    public const int OutOfResources = 0xA700, OtherStudy = 0xA900, NotUnderstood = 0xC000, NotSupported = 0x0122;

    const uint SopClassTag = 0x0008_0016;

    // A small object may inflate to a large one: one at a time, whoever sends.
    readonly SemaphoreSlim _turn = new(1);

    /// <summary>Whether a client is told to come again.</summary>
    public async Task<bool> IsFullAsync(CancellationToken cancellation) =>
        !room.IsOnDisk || !await room.IsInQueueAsync(cancellation);

    /// <param name="study">The study that the client stores into; null where it does not say.</param>
    /// <param name="sender">The client's name; likewise the address that it comes from.</param>
    public async Task<WebObject> RunAsync(byte[] content, string? study, string sender, string address, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        string sopClass, instance;
        string? itsStudy;
        try
        {
            if (DicomObject.Read(content, imaging.Value.LargestDataSet) is not { } sent || sent.Header.InstanceUid is not { } uid)
            {
                return new(null, null, NotUnderstood);
            }

            (instance, itsStudy) = (uid, sent.Header.StudyUid);
            sopClass = Encoding.ASCII.GetString(sent.Value(SopClassTag)).TrimEnd(' ', '\0');
        }
        finally
        {
            _turn.Release();
        }

        int? failure = !DicomConformance.SopClasses.Any(c => c.Uid == sopClass) ? NotSupported
            : study is not null && itsStudy != study ? OtherStudy
            : await IsFullAsync(cancellation) ? OutOfResources
            : null;
        try
        {
            if (failure is null)
            {
                await files.TakeAsync(content, sender, address, cancellation);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DbException or DbUpdateException)
        {
            // Ours, and it passes: the sender is to come again.
            logger.LogError("An object could not be taken in: {Error}", e.GetType().Name);
            failure = OutOfResources;
        }

        return new(sopClass, instance, failure);
    }

    public void Dispose() => _turn.Dispose();
}
