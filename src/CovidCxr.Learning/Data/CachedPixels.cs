using Microsoft.Win32.SafeHandles;

namespace CovidCxr.Learning.Data;

/// <summary>The pixels of one image, in memory or in the cache's file.</summary>
public sealed class CachedPixels
{
    readonly byte[]? memory;
    readonly SafeFileHandle? file;
    readonly long offset;

    public CachedPixels(byte[] pixels)
    {
        memory = pixels;
        Length = pixels.Length;
    }

    internal CachedPixels(SafeFileHandle file, long offset, int length)
    {
        this.file = file;
        this.offset = offset;
        Length = length;
    }

    public int Length { get; }

    /// <param name="destination">At least Length long.</param>
    /// <exception cref="IOException">The cache's file cannot be read.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (memory is not null)
        {
            memory.CopyTo(destination);
            return;
        }

        for (var done = 0; done < Length;)
        {
            var read = RandomAccess.Read(file!, destination[done..Length], offset + done);
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
