using System.Runtime.InteropServices;

namespace CovidCxr.Imaging.Dicom;

/// <summary>
/// JPEG-LS, lossless and near-lossless, of one or three components, by CharLS. Source: ITU-T T.87. What the codestream says of its size is
/// compared with the header of the file before memory is taken for it.
/// </summary>
static unsafe partial class JpegLs
{
    const string Library = "libcharls.so.2";
    const int ByLine = 1, BySample = 2;

    static ReadOnlySpan<byte> Start => [0xFF, 0xD8];

    static ReadOnlySpan<byte> End => [0xFF, 0xD9];

    public static NativeCodec Codec { get; } = new(Library, "charls_jpegls_decoder_create", "libcharls2");

    [StructLayout(LayoutKind.Sequential)]
    struct Frame
    {
        public uint Width, Height;
        public int Bits, Components;
    }

    /// <returns>Samples as plain pixels would hold them; null where the data are damaged or not what the layout says.</returns>
    public static ushort[]? Decode(ReadOnlySpan<byte> data, PixelLayout layout)
    {
        // Behind the end there is padding alone (PS3.5, A.4).
        var whole = data.TrimEnd([(byte)0, (byte)0xFF]);
        if (!whole.StartsWith(Start) || !whole.EndsWith(End))
        {
            return null;
        }

        var decoder = CreateDecoder();
        if (decoder == 0)
        {
            return null;
        }

        try
        {
            fixed (byte* source = whole)
            {
                return SetSource(decoder, source, (nuint)whole.Length) == 0 ? Decode(decoder, layout) : null;
            }
        }
        finally
        {
            Destroy(decoder);
        }
    }

    static ushort[]? Decode(nint decoder, PixelLayout layout)
    {
        if (ReadHeader(decoder) != 0 || GetFrame(decoder, out var frame) != 0 || GetInterleaving(decoder, out var interleaving) != 0
            || (frame.Width, frame.Height, frame.Components) != ((uint)layout.Width, (uint)layout.Height, layout.SamplesPerPixel)
            || frame.Bits < 2 || frame.Bits > layout.BitsAllocated)
        {
            return null;
        }

        var bytesPerSample = frame.Bits > 8 ? 2 : 1;
        var samples = new byte[layout.Pixels * layout.SamplesPerPixel * bytesPerSample];
        fixed (byte* destination = samples)
        {
            if (DecodeTo(decoder, destination, (nuint)samples.Length, 0) != 0)
            {
                return null;
            }
        }

        var isByPlane = interleaving is not (ByLine or BySample);
        return layout.SamplesPerPixel == 3 ? (layout with { IsByPlane = isByPlane }).Grey(samples, isBigEndian: false)
            : bytesPerSample == 1 ? layout.Stored<byte>(samples, frame.Bits, isSigned: false)
            : layout.Stored(MemoryMarshal.Cast<byte, ushort>(samples), frame.Bits, isSigned: false);
    }

    [LibraryImport(Library, EntryPoint = "charls_jpegls_decoder_create")]
    private static partial nint CreateDecoder();

    [LibraryImport(Library, EntryPoint = "charls_jpegls_decoder_destroy")]
    private static partial void Destroy(nint decoder);

    [LibraryImport(Library, EntryPoint = "charls_jpegls_decoder_set_source_buffer")]
    private static partial int SetSource(nint decoder, byte* source, nuint length);

    [LibraryImport(Library, EntryPoint = "charls_jpegls_decoder_read_header")]
    private static partial int ReadHeader(nint decoder);

    [LibraryImport(Library, EntryPoint = "charls_jpegls_decoder_get_frame_info")]
    private static partial int GetFrame(nint decoder, out Frame frame);

    [LibraryImport(Library, EntryPoint = "charls_jpegls_decoder_get_interleave_mode")]
    private static partial int GetInterleaving(nint decoder, out int interleaving);

    [LibraryImport(Library, EntryPoint = "charls_jpegls_decoder_decode_to_buffer")]
    private static partial int DecodeTo(nint decoder, byte* destination, nuint length, uint stride);
}
