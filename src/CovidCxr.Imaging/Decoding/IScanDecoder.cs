namespace CovidCxr.Imaging.Decoding;

/// <summary>Turns an untrusted file into grey samples: here (<see cref="ScanDecoder"/>), or in a process of its own.</summary>
public interface IScanDecoder
{
    /// <summary>Decodes one file held in memory. Never throws for what the file contains.</summary>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    DecodeResult Decode(byte[] bytes, CancellationToken cancellation = default);
}
