import { Router, type Response } from 'express'
import type { Platforms } from './platforms'

/** Types that are pictures and nothing else: SVG can carry a script. */
const shownTypes = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

/** What users and bots sent, for the page to show: as a picture, or as a download, never as a document. */
export function pageContents({ line, lineworks }: Platforms): Router {
  const router = Router()
  router.get('/contents/:id', (req, res) => {
    const content = line?.contents.find(req.params.id)
    send(res, content?.gone ? undefined : content?.upload)
  })
  router.get('/files/:id', (req, res) => send(res, lineworks?.attachments.find(req.params.id)))
  router.get('/menus/:id', (req, res) => {
    const image = line?.richMenus.image(req.params.id)
    send(res, image && { bytes: image.bytes, contentType: image.type })
  })
  return router
}

function send(res: Response, content: { bytes: Buffer; contentType: string } | undefined): void {
  if (!content) {
    res.status(404).json({ error: 'There is no such content, or the user took it back.' })
    return
  }
  const { bytes, contentType } = content
  const isShown = shownTypes.has(contentType.toLowerCase())
  res.writeHead(200, {
    'content-type': isShown ? contentType.toLowerCase() : 'application/octet-stream',
    'content-disposition': isShown ? 'inline' : 'attachment',
    'content-length': bytes.length,
    'cache-control': 'private, max-age=3600',
  })
  res.end(bytes)
}
