/** Where it is remembered that this device may open for somebody; the server knows for whom. */
export const opensKey = 'changqing.opens';
