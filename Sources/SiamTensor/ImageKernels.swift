import CKernels

/// Convolution and pooling over images.
extension Kernel {
    public typealias Window = siam_window
    /// A convolution whose single images take long, where it can be left behind; any other at once.
    @inline(__always)
    private static func apart(_ s: Window, _ work: @escaping () throws -> Tensor) throws -> Tensor {
        // Interrupts are checked between images.
        let macs =
            Double(s.out_height) * Double(s.out_width) * Double(s.filters) * Double(s.channels)
            * Double(s.kernel_height) * Double(s.kernel_width)
        return macs < 1e9 ? try work() : try InterruptibleWork.run(size: .max, work)
    }
    public static func conv(_ s: Window, _ x: Tensor, _ w: Tensor, _ b: Tensor?, relu: Bool, into shape: Shape) throws
        -> Tensor
    {
        let y = try Tensor(uninitialized: shape, x.precision)
        return try apart(s) {
            var s = s
            try whole(siam_conv(x.precision.code, &s, x.address, w.address, b?.address, relu ? 1 : 0, y.address), y)
            return y
        }
    }
    public static func convInputGradient(_ s: Window, _ g: Tensor, _ w: Tensor, into shape: Shape) throws -> Tensor {
        let y = try Tensor(uninitialized: shape, g.precision)
        return try apart(s) {
            var s = s
            try whole(siam_conv_input_gradient(g.precision.code, &s, g.address, w.address, y.address), y)
            return y
        }
    }
    public static func convWeightGradient(_ s: Window, _ x: Tensor, _ g: Tensor, into shape: Shape) throws -> Tensor {
        let y = try Tensor(uninitialized: shape, g.precision)
        return try apart(s) {
            var s = s
            try whole(siam_conv_weight_gradient(g.precision.code, &s, x.address, g.address, y.address), y)
            return y
        }
    }
    /// Places are 32-bit whole numbers kept in the memory of a tensor in `single`.
    public static func maxpool(_ s: Window, _ x: Tensor, into shape: Shape, places: Tensor?) throws -> Tensor {
        var s = s
        let y = try Tensor(uninitialized: shape, x.precision)
        siam_maxpool(x.precision.code, &s, x.address, y.address, places?.address.assumingMemoryBound(to: Int32.self))
        try finish(x.count)
        return y
    }
    public static func maxpoolSpread(_ s: Window, _ g: Tensor, places: Tensor, into shape: Shape) throws -> Tensor {
        var s = s
        let y = try Tensor(uninitialized: shape, g.precision)
        siam_maxpool_spread(
            g.precision.code, &s, g.address, places.address.assumingMemoryBound(to: Int32.self), y.address)
        try finish(y.count)
        return y
    }
    public static func maxpoolPick(_ s: Window, _ x: Tensor, places: Tensor, into shape: Shape) throws -> Tensor {
        var s = s
        let y = try Tensor(uninitialized: shape, x.precision)
        siam_maxpool_pick(
            x.precision.code, &s, x.address, places.address.assumingMemoryBound(to: Int32.self), y.address)
        try finish(x.count)
        return y
    }
    /// maxpool(relu(conv(x, w) + b)) in one: the convolution's own result is never kept whole.
    public static func convPool(
        _ s: Window, _ p: Window, _ x: Tensor, _ w: Tensor, _ b: Tensor?, relu: Bool, into shape: Shape,
        places: Tensor?
    ) throws -> Tensor {
        var (s, p) = (s, p)
        let y = try Tensor(uninitialized: shape, x.precision)
        let done = siam_conv_pool(
            x.precision.code, &s, &p, x.address, w.address, b?.address, relu ? 1 : 0, y.address,
            places?.address.assumingMemoryBound(to: Int32.self))
        try whole(done, y)
        return y
    }
    /// Its gradients at x, w and b, as far as they are wanted.
    public static func convPoolGradient(
        _ s: Window, _ p: Window, _ x: Tensor, _ w: Tensor, y: Tensor, places: Tensor, _ g: Tensor, relu: Bool,
        toX: Bool, toW: Bool, toB: Bool
    ) throws -> (Tensor?, Tensor?, Tensor?) {
        var (s, p) = (s, p)
        let gx = toX ? try Tensor(uninitialized: x.shape, x.precision) : nil
        let gw = toW ? try Tensor(uninitialized: w.shape, x.precision) : nil
        let gb = toB ? try Tensor(uninitialized: .vector(Int(s.filters)), x.precision) : nil
        let done = siam_conv_pool_gradient(
            x.precision.code, &s, &p, x.address, w.address, y.address,
            places.address.assumingMemoryBound(to: Int32.self), g.address, relu ? 1 : 0, gx?.address, gw?.address,
            gb?.address)
        try whole(done, x)
        return (gx, gw, gb)
    }
    public static func avgpool(_ s: Window, _ x: Tensor, into shape: Shape, spread: Bool) throws -> Tensor {
        var s = s
        let y = try Tensor(uninitialized: shape, x.precision)
        if spread {
            siam_avgpool_spread(x.precision.code, &s, x.address, y.address)
        } else {
            siam_avgpool(x.precision.code, &s, x.address, y.address)
        }
        try finish(Swift.max(x.count, y.count))
        return y
    }
}
