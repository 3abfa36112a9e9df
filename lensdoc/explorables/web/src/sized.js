// For pages of other sites that show figures in frames: a frame is as high as the figure in it says. It stands alone, and does
// nothing but set the height of the frame that the message came from.
const MOST = 20000;

addEventListener("message", ({source, data}) => {
  const height = data?.lensdocHeight;
  if (!(height > 0 && height < MOST)) return;
  for (const frame of document.querySelectorAll("iframe")) {
    if (frame.contentWindow === source) frame.style.height = `${Math.ceil(height)}px`;
  }
});
