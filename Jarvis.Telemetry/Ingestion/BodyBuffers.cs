using System.Buffers;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>
/// Memory for bodies. Large arrays come from a pool of their own that keeps two of each size: the shared one would keep one for each thread and
/// dozens for each processor, which after a few bodies that grow when they are unpacked is gigabytes.
/// </summary>
internal static class BodyBuffers
{
    private const int Large = 1_048_576;
    private const int Largest = 64 * 1_048_576;
    private const int KeptOfASize = 2;

    private static readonly ArrayPool<byte> LargeOnes = ArrayPool<byte>.Create(Largest, KeptOfASize);

    public static byte[] Rent(int length) => PoolOf(length).Rent(length);

    public static void Return(byte[] buffer) => PoolOf(buffer.Length).Return(buffer);

    /// <summary>A buffer four times as large with the same content; fewer sizes are kept than with doubling.</summary>
    public static byte[] Grow(byte[] buffer)
    {
        var larger = Rent(buffer.Length * 4);
        buffer.CopyTo(larger, 0);
        Return(buffer);
        return larger;
    }

    private static ArrayPool<byte> PoolOf(int length) => length < Large ? ArrayPool<byte>.Shared : LargeOnes;
}
