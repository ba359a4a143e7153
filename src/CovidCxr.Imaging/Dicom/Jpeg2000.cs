using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CovidCxr.Imaging.Dicom;

/// <summary>
/// JPEG 2000 of one component of up to 16 bits, or three of 8, by OpenJPEG (2.5 or newer). Source: ISO/IEC 15444-1. What the codestream
/// says of its size is compared with the header of the file before the library sees it.
/// </summary>
static unsafe partial class Jpeg2000
{
    const string Library = "libopenjp2.so.7";
    const int Codestream = 0;

    /// <summary>More than its parameters take, which two paths of 4096 characters are most of.</summary>
    const int ParameterBytes = 16 * 1024;

    const nuint ReadAtOnce = 1 << 20;

    public static NativeCodec Codec { get; } = new(Library, "opj_decoder_set_strict_mode", "libopenjp2-7");

    // opj_image_comp_t, opj_image_t.
    [StructLayout(LayoutKind.Sequential)]
    struct Component
    {
        public uint StepAcross, StepDown, Width, Height, Left, Top, Bits, Unused, IsSigned, Resolutions, Factor;
        public int* Samples;
        public ushort Alpha;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Image
    {
        public uint Left, Top, Right, Bottom, Count;
        public int Colours;
        public Component* Components;
        public byte* Profile;
        public uint ProfileLength;
    }

    struct Source
    {
        public byte* Bytes;
        public long Length, At;
        public int Complaints;
    }

    /// <returns>Samples as plain pixels would hold them; null where the data are damaged or not what the layout says.</returns>
    public static ushort[]? Decode(ReadOnlySpan<byte> data, PixelLayout layout)
    {
        if (Jpeg2000Header.Read(data) is not { } header
            || (header.Width, header.Height, header.Components) != ((uint)layout.Width, (uint)layout.Height, layout.SamplesPerPixel)
            || header.Bits > layout.BitsAllocated
            || (header.Components == 3 && ((header.Bits, header.IsSigned) != (8, false) || !HasColoursOf(layout, header))))
        {
            return null;
        }

        fixed (byte* bytes = data.Slice(header.Start, header.Length))
        {
            var source = new Source { Bytes = bytes, Length = header.Length };
            return Decode(&source, header, layout);
        }
    }

    // Whether luminance and chroma come out, or red, green and blue.
    static bool HasColoursOf(PixelLayout layout, Jpeg2000Header header) => layout.Photometric switch
    {
        "YBR_RCT" or "YBR_ICT" => header.HasColourTransform,
        "YBR_FULL" => !header.HasColourTransform,
        _ => true,
    };

    static ushort[]? Decode(Source* source, Jpeg2000Header header, PixelLayout layout)
    {
        var (stream, decoder) = (CreateStream(ReadAtOnce, 1), CreateDecoder(Codestream));
        Image* image = null;
        try
        {
            return stream != 0 && decoder != 0 && IsSetUp(stream, decoder, source) && ReadHeader(stream, decoder, &image) != 0
                && DecodeImage(decoder, stream, image) != 0 && EndDecode(decoder, stream) != 0 && source->Complaints == 0
                    ? Samples(image, header, layout)
                    : null;
        }
        finally
        {
            DestroyImage(image);
            DestroyDecoder(decoder);
            DestroyStream(stream);
        }
    }

    static bool IsSetUp(nint stream, nint decoder, Source* source)
    {
        SetReader(stream, &Read);
        SetSkipper(stream, &Skip);
        SetSeeker(stream, &Seek);
        SetSource(stream, source, null);
        SetLength(stream, (ulong)source->Length);
        var parameters = stackalloc byte[ParameterBytes];
        new Span<byte>(parameters, ParameterBytes).Clear();
        SetDefaults(parameters);
        // Where it draws grey in the place of what is missing, it warns; such a film is none.
        return SetWarned(decoder, &Complain, source) != 0 && SetFailed(decoder, &Complain, source) != 0
            && SetUp(decoder, parameters) != 0 && SetStrict(decoder, 1) != 0;
    }

    static ushort[]? Samples(Image* image, Jpeg2000Header header, PixelLayout layout)
    {
        if (image is null || image->Count != header.Components)
        {
            return null;
        }

        var planes = new byte[header.Components == 3 ? 3 * layout.Pixels : 0];
        for (var i = 0; i < header.Components; i++)
        {
            var component = image->Components[i];
            if (component.Samples is null
                || (component.Width, component.Height, component.Bits) != (header.Width, header.Height, (uint)header.Bits))
            {
                return null;
            }

            var numbers = new ReadOnlySpan<int>(component.Samples, layout.Pixels);
            if (header.Components == 1)
            {
                return layout.Stored(numbers, header.Bits, header.IsSigned);
            }

            var plane = planes.AsSpan(i * layout.Pixels, layout.Pixels);
            for (var p = 0; p < plane.Length; p++)
            {
                plane[p] = (byte)Math.Clamp(numbers[p], 0, 255);
            }
        }

        var photometric = layout.Photometric == "YBR_FULL" ? layout.Photometric : "RGB";
        return (layout with { IsByPlane = true, Photometric = photometric }).Grey(planes, isBigEndian: false);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static nuint Read(byte* buffer, nuint count, Source* source)
    {
        var left = source->Length - source->At;
        if (left <= 0)
        {
            // (OPJ_SIZE_T)-1 is the end.
            return nuint.MaxValue;
        }

        var taken = (long)Math.Min(count, (ulong)left);
        Buffer.MemoryCopy(source->Bytes + source->At, buffer, (long)count, taken);
        source->At += taken;
        return (nuint)taken;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static long Skip(long count, Source* source)
    {
        var taken = Math.Clamp(count, -source->At, source->Length - source->At);
        source->At += taken;
        return taken == 0 && count != 0 ? -1 : taken;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Seek(long at, Source* source)
    {
        if (at < 0 || at > source->Length)
        {
            return 0;
        }

        source->At = at;
        return 1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static void Complain(byte* message, Source* source)
    {
        // Some writers count tile-parts from 1, and nothing is missing there.
        if (!MemoryMarshal.CreateReadOnlySpanFromNullTerminated(message).StartsWith("Non conformant codestream TPsot==TNsot"u8))
        {
            source->Complaints++;
        }
    }

    [LibraryImport(Library, EntryPoint = "opj_stream_create")]
    private static partial nint CreateStream(nuint bufferSize, int isInput);

    [LibraryImport(Library, EntryPoint = "opj_stream_destroy")]
    private static partial void DestroyStream(nint stream);

    [LibraryImport(Library, EntryPoint = "opj_stream_set_read_function")]
    private static partial void SetReader(nint stream, delegate* unmanaged[Cdecl]<byte*, nuint, Source*, nuint> read);

    [LibraryImport(Library, EntryPoint = "opj_stream_set_skip_function")]
    private static partial void SetSkipper(nint stream, delegate* unmanaged[Cdecl]<long, Source*, long> skip);

    [LibraryImport(Library, EntryPoint = "opj_stream_set_seek_function")]
    private static partial void SetSeeker(nint stream, delegate* unmanaged[Cdecl]<long, Source*, int> seek);

    [LibraryImport(Library, EntryPoint = "opj_stream_set_user_data")]
    private static partial void SetSource(nint stream, Source* source, void* free);

    [LibraryImport(Library, EntryPoint = "opj_stream_set_user_data_length")]
    private static partial void SetLength(nint stream, ulong length);

    [LibraryImport(Library, EntryPoint = "opj_create_decompress")]
    private static partial nint CreateDecoder(int format);

    [LibraryImport(Library, EntryPoint = "opj_destroy_codec")]
    private static partial void DestroyDecoder(nint decoder);

    [LibraryImport(Library, EntryPoint = "opj_set_warning_handler")]
    private static partial int SetWarned(nint decoder, delegate* unmanaged[Cdecl]<byte*, Source*, void> warned, Source* source);

    [LibraryImport(Library, EntryPoint = "opj_set_error_handler")]
    private static partial int SetFailed(nint decoder, delegate* unmanaged[Cdecl]<byte*, Source*, void> failed, Source* source);

    [LibraryImport(Library, EntryPoint = "opj_set_default_decoder_parameters")]
    private static partial void SetDefaults(byte* parameters);

    [LibraryImport(Library, EntryPoint = "opj_setup_decoder")]
    private static partial int SetUp(nint decoder, byte* parameters);

    [LibraryImport(Library, EntryPoint = "opj_decoder_set_strict_mode")]
    private static partial int SetStrict(nint decoder, int isStrict);

    [LibraryImport(Library, EntryPoint = "opj_read_header")]
    private static partial int ReadHeader(nint stream, nint decoder, Image** image);

    [LibraryImport(Library, EntryPoint = "opj_decode")]
    private static partial int DecodeImage(nint decoder, nint stream, Image* image);

    [LibraryImport(Library, EntryPoint = "opj_end_decompress")]
    private static partial int EndDecode(nint decoder, nint stream);

    [LibraryImport(Library, EntryPoint = "opj_image_destroy")]
    private static partial void DestroyImage(Image* image);
}
