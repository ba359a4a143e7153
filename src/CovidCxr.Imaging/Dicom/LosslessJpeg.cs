using System.Buffers.Binary;

namespace CovidCxr.Imaging.Dicom;

/// <summary>
/// Lossless sequential JPEG of one component: Huffman-coded differences from one of seven predictors. Source: ITU-T T.81, annex H.
/// </summary>
ref struct LosslessJpeg
{
    const int Codes = 1 << 16;

    readonly ReadOnlySpan<byte> _data;
    int _at, _held, _width, _height, _precision, _restart;
    uint _bits;

    // Per table a byte for each of 2^16 next bits: the category; and its code's length, 0 where there is no such code.
    readonly byte[]?[] _categories, _lengths;

    LosslessJpeg(ReadOnlySpan<byte> data)
    {
        _data = data;
        (_categories, _lengths) = (new byte[4][], new byte[4][]);
    }

    /// <returns>Samples, row-major, 2 to 16 bits; null where the data are damaged, of another size or of several components.</returns>
    public static ushort[]? Decode(ReadOnlySpan<byte> data, int width, int height) => new LosslessJpeg(data).Walk(width, height);

    ushort[]? Walk(int width, int height)
    {
        if (!_data.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]))
        {
            return null;
        }

        for (_at = 2; _data.Length - _at >= 4 && _data[_at] == 0xFF;)
        {
            var marker = _data[_at + 1];
            if (marker == 0xFF)
            {
                _at++;
                continue;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(_data[(_at + 2)..]);
            if (length < 2 || length > _data.Length - _at - 2)
            {
                return null;
            }

            var segment = _data.Slice(_at + 4, length - 2);
            _at += length + 2;
            switch (marker)
            {
                case 0xC3 when segment.Length >= 9 && segment[5] == 1:
                    (_precision, _height, _width) = (
                        segment[0], BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]));
                    break;
                case 0xC4 when !TryTables(segment):
                    return null;
                case 0xDD when segment.Length >= 2:
                    _restart = BinaryPrimitives.ReadUInt16BigEndian(segment);
                    break;
                case 0xDA:
                    return segment.Length >= 6 && segment[0] == 1 && (_width, _height) == (width, height) && _precision is >= 2 and <= 16
                        ? Scan(segment[2] >> 4, segment[3], segment[5] & 15)
                        : null;
                case (>= 0xC0 and <= 0xC3) or (>= 0xC5 and <= 0xCF):
                    return null;
                default:
                    break;
            }
        }

        return null;
    }

    readonly bool TryTables(ReadOnlySpan<byte> segment)
    {
        while (!segment.IsEmpty)
        {
            if (segment.Length < 17 || segment[0] > 3)
            {
                return false;
            }

            var (categories, lengths) = (new byte[Codes], new byte[Codes]);
            var (code, symbol) = (0, 17);
            for (var length = 1; length <= 16; length++)
            {
                for (var i = 0; i < segment[length]; i++, symbol++)
                {
                    var width = Codes >> length;
                    if (symbol >= segment.Length || code + width > Codes || segment[symbol] > 16)
                    {
                        return false;
                    }

                    categories.AsSpan(code, width).Fill(segment[symbol]);
                    lengths.AsSpan(code, width).Fill((byte)length);
                    code += width;
                }
            }

            (_categories[segment[0]], _lengths[segment[0]]) = (categories, lengths);
            segment = segment[symbol..];
        }

        return true;
    }

    ushort[]? Scan(int table, int predictor, int shift)
    {
        if (table > 3 || _categories[table] is not { } categories || _lengths[table] is not { } lengths || predictor is 0 or > 7
            || shift >= _precision || (_restart > 0 && _restart % _width != 0))
        {
            return null;
        }

        var samples = new ushort[_width * _height];
        var isFirstRow = true;
        for (var y = 0; y < _height; y++)
        {
            if (_restart > 0 && y > 0 && y * _width % _restart == 0)
            {
                if (!TryRestart())
                {
                    return null;
                }

                isFirstRow = true;
            }

            for (var x = 0; x < _width; x++)
            {
                var at = (y * _width) + x;
                var predicted = Predict(samples, at, x, isFirstRow, predictor, shift);
                if (!TryDifference(categories, lengths, out var difference))
                {
                    return null;
                }

                samples[at] = (ushort)(predicted + difference);
            }

            isFirstRow = false;
        }

        // Codes that run on behind the last byte are damage.
        return _held < 0 ? null : shift == 0 ? samples : Array.ConvertAll(samples, s => (ushort)(s << shift));
    }

    readonly int Predict(ushort[] samples, int at, int x, bool isFirstRow, int predictor, int shift)
    {
        if (isFirstRow)
        {
            return x == 0 ? 1 << (_precision - shift - 1) : samples[at - 1];
        }

        int above = samples[at - _width];
        if (x == 0)
        {
            return above;
        }

        int left = samples[at - 1], corner = samples[at - _width - 1];
        return predictor switch
        {
            1 => left,
            2 => above,
            3 => corner,
            4 => left + above - corner,
            5 => left + ((above - corner) >> 1),
            6 => above + ((left - corner) >> 1),
            _ => (left + above) >> 1,
        };
    }

    bool TryDifference(byte[] categories, byte[] lengths, out int difference)
    {
        difference = 0;
        Fill();
        var next = (int)(_bits >> 16);
        if (lengths[next] == 0)
        {
            return false;
        }

        Drop(lengths[next]);
        int category = categories[next];
        if (category == 16)
        {
            difference = 32768;
        }
        else if (category > 0)
        {
            Fill();
            var value = (int)(_bits >> (32 - category));
            Drop(category);
            difference = value < 1 << (category - 1) ? value - (1 << category) + 1 : value;
        }

        return _held >= 0;
    }

    void Drop(int count)
    {
        _bits <<= count;
        _held -= count;
    }

    // At least 16 bits, zeros behind the end; a marker ends the data.
    void Fill()
    {
        while (_held is >= 0 and <= 24 && _at < _data.Length)
        {
            var value = _data[_at];
            if (value == 0xFF)
            {
                if (_at + 1 >= _data.Length || _data[_at + 1] != 0)
                {
                    return;
                }

                _at++;
            }

            _at++;
            _bits |= (uint)value << (24 - _held);
            _held += 8;
        }
    }

    bool TryRestart()
    {
        (_bits, _held) = (0, 0);
        if (_data.Length - _at < 2 || _data[_at] != 0xFF || _data[_at + 1] is < 0xD0 or > 0xD7)
        {
            return false;
        }

        _at += 2;
        return true;
    }
}
