// A PNG of 96 colours out of one of millions: a picture of a page has few hues, and in the tree every byte is for ever.
// Source: PNG specification, third edition (chunks, filters, palettes).
import { deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
const COLOURS_MAX = 96
/** Squared distance below which two colours are one to the eye. */
const ALIKE = 48

const TABLE = Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value >>> 0
})

function crc32(bytes) {
  let value = 0xffffffff
  for (const byte of bytes) value = TABLE[(value ^ byte) & 255] ^ (value >>> 8)
  return (value ^ 0xffffffff) >>> 0
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const whole = Buffer.alloc(body.length + 8)
  whole.writeUInt32BE(data.length, 0)
  body.copy(whole, 4)
  whole.writeUInt32BE(crc32(body), body.length + 4)
  return whole
}

function paeth(left, up, corner) {
  const guess = left + up - corner
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner
}

/** Pixels of a PNG as browsers write them: eight bits, with or without transparency, not interlaced. */
function decode(png) {
  const parts = []
  let header
  for (let at = 8; at < png.length; ) {
    const size = png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    const data = png.subarray(at + 8, at + 8 + size)
    if (type === 'IHDR') header = data
    if (type === 'IDAT') parts.push(data)
    at += size + 12
  }
  const [width, height, channels] = [header.readUInt32BE(0), header.readUInt32BE(4), header[9] === 6 ? 4 : 3]
  const raw = inflateSync(Buffer.concat(parts))
  const stride = width * channels
  const pixels = Buffer.alloc(stride * height)
  for (let row = 0; row < height; row += 1) {
    const filter = raw[row * (stride + 1)]
    for (let index = 0; index < stride; index += 1) {
      const at = row * stride + index
      const left = index >= channels ? pixels[at - channels] : 0
      const up = row > 0 ? pixels[at - stride] : 0
      const corner = row > 0 && index >= channels ? pixels[at - stride - channels] : 0
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]
      pixels[at] = raw[row * (stride + 1) + 1 + index] + predicted
    }
  }
  return { width, height, channels, pixels }
}

/** The colours that most pixels have, none of them alike, so that a rare red is not lost among many greys; and for every colour the
 *  nearest of them. */
function reduce({ width, height, channels, pixels }) {
  const counts = new Map()
  const colourAt = (index) => (pixels[index * channels] << 16) | (pixels[index * channels + 1] << 8) | pixels[index * channels + 2]
  for (let index = 0; index < width * height; index += 1) {
    const colour = colourAt(index)
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  const distance = (one, other) => ((one >> 16) - (other >> 16)) ** 2 + (((one >> 8) & 255) - ((other >> 8) & 255)) ** 2 + ((one & 255) - (other & 255)) ** 2
  const palette = []
  for (const [colour] of [...counts].sort((left, right) => right[1] - left[1])) {
    if (palette.length === COLOURS_MAX) break
    if (palette.every((chosen) => distance(chosen, colour) > ALIKE)) palette.push(colour)
  }
  const nearest = new Map(palette.map((colour, index) => [colour, index]))
  for (const colour of counts.keys()) {
    if (nearest.has(colour)) continue
    let best = 0
    for (let index = 1; index < palette.length; index += 1) if (distance(colour, palette[index]) < distance(colour, palette[best])) best = index
    nearest.set(colour, best)
  }
  return { palette, indexAt: (index) => nearest.get(colourAt(index)) }
}

export function smallPicture(png) {
  const picture = decode(png)
  const { palette, indexAt } = reduce(picture)
  const { width, height } = picture
  const raw = Buffer.alloc((width + 1) * height)
  for (let row = 0; row < height; row += 1) for (let column = 0; column < width; column += 1) raw[row * (width + 1) + 1 + column] = indexAt(row * width + column)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8)
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('PLTE', colours), chunk('IDAT', deflateSync(raw, { level: 9 })), chunk('IEND', Buffer.alloc(0))])
}
