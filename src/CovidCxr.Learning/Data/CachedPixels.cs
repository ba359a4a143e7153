using Microsoft.Win32.SafeHandles;

namespace CovidCxr.Learning.Data;

/// <summary>The pixels of one image, in memory or in the cache's file.</summary>
public sealed class CachedPixels
{
    readonly byte[]? _memory;
    readonly SafeFileHandle? _file;
    readonly long _offset;

    public CachedPixels(byte[] pixels)
    {
        _memory = pixels;
        Length = pixels.Length;
    }

    internal CachedPixels(SafeFileHandle file, long offset, int length)
    {
        _file = file;
        _offset = offset;
        Length = length;
    }

    public int Length { get; }

    /// <param name="destination">At least Length long.</param>
    /// <exception cref="IOException">The cache's file cannot be read.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (_memory is not null)
        {
            _memory.CopyTo(destination);
            return;
        }

        for (var done = 0; done < Length;)
        {
            var read = RandomAccess.Read(_file!, destination[done..Length], _offset + done);
            done += read > 0 ? read : throw new EndOfStreamException("The cache of decoded images is shorter than what was written to it.");
        }
    }

    public byte[] ToArray()
    {
        var pixels = new byte[Length];
        CopyTo(pixels);
        return pixels;
    }
}
