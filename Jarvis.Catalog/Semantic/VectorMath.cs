using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Jarvis.Catalog.Semantic;

/// <summary>The two things that are done with vectors.</summary>
public static class VectorMath
{
    /// <summary>The dot product of two vectors of one length: their cosine when both are normalised.</summary>
    public static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        if (left.Length != right.Length)
            throw new ArgumentException($"Vectors of {left.Length} and {right.Length} dimensions have no product.", nameof(right));
        ref var a = ref MemoryMarshal.GetReference(left);
        ref var b = ref MemoryMarshal.GetReference(right);
        var width = Vector<float>.Count;
        // Four sums: one would wait for itself.
        var (sum0, sum1, sum2, sum3) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
        var i = 0;
        for (; i <= left.Length - (4 * width); i += 4 * width)
        {
            sum0 += Load(ref a, i) * Load(ref b, i);
            sum1 += Load(ref a, i + width) * Load(ref b, i + width);
            sum2 += Load(ref a, i + (2 * width)) * Load(ref b, i + (2 * width));
            sum3 += Load(ref a, i + (3 * width)) * Load(ref b, i + (3 * width));
        }

        for (; i <= left.Length - width; i += width)
            sum0 += Load(ref a, i) * Load(ref b, i);
        var sum = Vector.Sum(sum0 + sum1 + sum2 + sum3);
        for (; i < left.Length; i++)
            sum += left[i] * right[i];
        return sum;
    }

    /// <summary>Writes <paramref name="vector"/> with length 1 to <paramref name="target"/>.</summary>
    public static void Normalise(ReadOnlySpan<float> vector, Span<float> target)
    {
        var sum = 0.0;
        foreach (var value in vector)
            sum += (double)value * value;
        var scale = sum > 0 ? 1 / Math.Sqrt(sum) : 0;
        for (var i = 0; i < vector.Length; i++)
            target[i] = (float)(vector[i] * scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Load(ref float from, int at) => Vector.LoadUnsafe(ref from, (nuint)at);
}
